/** A webhook whose signature does not match: refused, and of it only a count is kept. */
import type { Logger } from 'pino';
import type { Arrival, Ledger } from '../db/ledger.ts';
import { DeskError } from '../domain/errors.ts';
import type { Context } from './context.ts';

/** The refusal of a delivery from `source` that should be signed by the header `header`; `detail` is for the sender. */
export async function refuseUnsigned(
  ctx: Context,
  { ledger, logger }: { ledger: Ledger; logger: Logger },
  { source, header, detail }: { source: Arrival['source']; header: string; detail: string },
): Promise<DeskError> {
  try {
    await ledger.countRefusal(source, ctx.get(header) === '' ? 'missing_signature' : 'invalid_signature');
  } catch (error) {
    // The refusal stands, counted or not.
    logger.warn({ requestId: ctx.state.requestId, err: error }, 'A refused webhook could not be counted.');
  }
  return new DeskError('invalid_signature', detail);
}
