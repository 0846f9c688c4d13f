/**
 * Errors as `application/problem+json` (RFC 9457), by the table in domain/errors.ts. What is not a DeskError is
 * `internal`, or `database_unavailable`: its own words go to the log and never to the caller.
 */
import type { Logger } from 'pino';
import { DeskError, ERRORS } from '../domain/errors.ts';
import type { Context } from './context.ts';
import { isDatabaseDown } from './database-errors.ts';

/** How long a caller waits before trying again, in seconds, where the error itself does not say. */
const RETRY_AFTER_SECONDS = 2;

/** Answers `error` on `ctx`, and logs it when the fault is ours. */
export function renderProblem(ctx: Context, error: unknown, logger: Logger): void {
  const known = deskErrorOf(error);
  const { status, title, retryable } = ERRORS[known.code];
  // Each refusal under overload is in the access log; a second line for each would be load of its own.
  if (status >= 500 && known.code !== 'overloaded')
    logger.error({ requestId: ctx.state.requestId, err: known.cause ?? error }, known.message);
  if (known.code === 'unauthenticated') ctx.set('WWW-Authenticate', 'Bearer realm="holdfast"');
  if (retryable && status !== 500) {
    const wait = known.facts['retryAfterSeconds'];
    ctx.set('Retry-After', String(typeof wait === 'number' ? wait : RETRY_AFTER_SECONDS));
  }
  ctx.status = status;
  ctx.type = 'application/problem+json';
  ctx.body = JSON.stringify({
    ...factsOf(known),
    type: `https://holdfast.dev/errors/${known.code}`,
    title,
    status,
    detail: known.message,
    code: known.code,
    instance: ctx.path,
    ...(known.errors.length > 0 ? { errors: known.errors } : {}),
  });
}

/** The facts of an error; `status` is the HTTP status in a problem, so the ticket's own goes by `ticketStatus`. */
export function factsOf(error: DeskError): Record<string, unknown> {
  const { status, ...facts } = error.facts;
  return status === undefined ? facts : { ...facts, ticketStatus: status };
}

function deskErrorOf(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  if (isDatabaseDown(error)) {
    const detail = 'The database does not answer, so nothing was changed. Send the same request again in a moment.';
    return new DeskError('database_unavailable', detail, { cause: error });
  }
  return new DeskError('internal', 'Something went wrong on our side; the log tells what, by the X-Request-Id.', {
    cause: error,
  });
}
