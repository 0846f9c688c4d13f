/** Steps in a ticket's life that a person asks for, and the one that it takes by itself at the end. */
import type { FallDue } from '../commands.ts';
import type { SetStatus } from '../person-commands.ts';
import { type Decision, open, refuse } from '../outcome.ts';
import { TRANSITIONS } from '../status.ts';
import { autoCloseAt, isSending, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { moveTo } from './moves.ts';

/** Takes the step when the table of transitions allows it; the refusal names the steps that are allowed. */
export function setStatus(ticket: Ticket, command: SetStatus, at: number, noRoom: boolean): Decision {
  const allowed = TRANSITIONS[ticket.status];
  if (!allowed.includes(command.status)) {
    const steps = allowed.length === 0 ? 'no step is allowed from there' : `allowed are ${allowed.join(', ')}`;
    const detail = `${referenceOf(ticket)} is ${ticket.status} and cannot become ${command.status}: ${steps}.`;
    return refuse('illegal_transition', detail, { status: ticket.status, allowed: [...allowed] });
  }
  if (command.status === 'closed' && isSending(ticket)) {
    const detail = `${referenceOf(ticket)} has a reply on its way; close it when that has been sent or has failed.`;
    const others = allowed.filter((step) => step !== 'closed');
    return refuse('illegal_transition', detail, { status: ticket.status, allowed: others });
  }
  if (command.status === 'resolved' && ticket.supportType?.reasonRequired === true && command.reasonTextId === null) {
    const detail = `${referenceOf(ticket)} is resolved with one of its type's reasons only: give "reason".`;
    return refuse('reason_required', detail, { supportType: ticket.supportType.id });
  }
  const change = open(ticket, command, at, command.by);
  moveTo(change, { to: command.status, reasonTextId: command.reasonTextId, at, noRoom });
  return change.outcome();
}

/** Nobody wrote since it was resolved. */
export function autoClose(ticket: Ticket, command: FallDue, at: number): Decision {
  const closesAt = autoCloseAt(ticket);
  if (closesAt === null || at < closesAt) {
    return refuse('not_found', `${referenceOf(ticket)} is not to be closed now.`);
  }
  const change = open(ticket, command, at, SYSTEM);
  moveTo(change, { to: 'closed', reasonTextId: null, at, noRoom: false });
  return change.outcome();
}
