/** Steps in a ticket's life that a person asks for. */
import type { SetStatus } from '../commands.ts';
import type { EventType } from '../events.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { isRunning } from '../sla.ts';
import { type Status, TRANSITIONS } from '../status.ts';
import { referenceOf, type Ticket } from '../ticket.ts';
import { staleDraft } from './decided-drafts.ts';

type StatusEvent = Extract<EventType, `ticket.${'opened' | 'pending' | 'resolved' | 'closed' | 'reopened'}`>;

/** Takes the step when the table of transitions allows it; the refusal names the steps that are allowed. */
export function setStatus(ticket: Ticket, command: SetStatus, at: number): Decision {
  const allowed = TRANSITIONS[ticket.status];
  const event = eventOf(ticket.status, command.status);
  if (!allowed.includes(command.status) || event === undefined) {
    const steps = allowed.length === 0 ? 'no step is allowed from there' : `allowed are ${allowed.join(', ')}`;
    const detail = `${referenceOf(ticket)} is ${ticket.status} and cannot become ${command.status}: ${steps}.`;
    return refuse('illegal_transition', detail, { status: ticket.status, allowed: [...allowed] });
  }
  if (command.status === 'closed' && ticket.effects.some((effect) => effect.kind === 'send')) {
    const detail = `${referenceOf(ticket)} has a reply on its way; close it when that has been sent or has failed.`;
    const others = allowed.filter((step) => step !== 'closed');
    return refuse('illegal_transition', detail, { status: ticket.status, allowed: others });
  }
  const change = open(ticket, command, at, command.by);
  change.emit(event, { from: ticket.status, reasonTextId: command.reasonTextId });
  change.ticket.status = command.status;
  if (command.status === 'open') change.ticket.resolvedAt = null;
  if (command.status === 'resolved' || command.status === 'closed') end(change, command.status, at);
  return change.outcome();
}

/** Nobody waits any more: the draft is stale, what was asked for is let go, and a clock that still ran is taken off. */
function end(change: Change, status: 'resolved' | 'closed', at: number): void {
  const { ticket } = change;
  staleDraft(change, null, at);
  const kept = status === 'closed' ? [] : ['triage', 'send'];
  ticket.effects = ticket.effects.filter((effect) => kept.includes(effect.kind));
  if (isRunning(ticket.firstResponse)) ticket.firstResponse = null;
  if (status === 'closed') ticket.closedAt = at;
  ticket.resolvedAt ??= at;
}

function eventOf(from: Status, to: Status): StatusEvent | undefined {
  if (to === 'open') return from === 'resolved' ? 'ticket.reopened' : 'ticket.opened';
  if (to === 'pending' || to === 'resolved' || to === 'closed') return `ticket.${to}`;
  return undefined;
}
