/** The reason with which a ticket is resolved: where its type asks for one, one of the type's own. */
import { DeskError } from '../domain/errors.ts';
import { type Status, TRANSITIONS } from '../domain/status.ts';
import { referenceOf, type Ticket } from '../domain/ticket.ts';
import type { Services } from './services.ts';

/** Throws `reason_required`, naming the reasons, unless `reason` may take the ticket to `status`. */
export async function checkReason(
  { settings }: Services,
  ticket: Ticket,
  status: Status,
  reason: string | undefined,
): Promise<void> {
  // A step that is not allowed is refused for that, whatever its reason.
  const asks = status === 'resolved' && ticket.supportType?.reasonRequired === true;
  if (!asks || !TRANSITIONS[ticket.status].includes(status)) return;
  const { types } = await settings.read();
  const type = types.find(({ id }) => id === ticket.supportType?.id);
  const reasons = type?.resolutionReasons ?? [];
  if (reasons.length === 0 || (reason !== undefined && reasons.includes(reason))) return;
  const message = `must be one of ${reasons.join(', ')}`;
  throw new DeskError(
    'reason_required',
    `${referenceOf(ticket)} is a "${type?.name ?? ''}": to resolve it, "reason" ${message}.`,
    { errors: [{ path: 'reason', message }], facts: { supportType: type?.id, reasons } },
  );
}
