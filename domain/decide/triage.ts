/** Triage: what the first message is about. It informs, and never overrules a person. */
import type { CompleteTriage } from '../commands.ts';
import { type Decision, open } from '../outcome.ts';
import { retarget } from '../sla.ts';
import { SYSTEM, type Ticket } from '../ticket.ts';
import { settle } from './effects.ts';

/** Takes the triage in: facts, the priority unless a person chose one, the deadline that follows, and the ticket opens. */
export function completeTriage(ticket: Ticket, command: CompleteTriage, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'triage');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const next = change.ticket;
  next.triage = command.triage;
  if (!next.priorityChosen) next.priority = command.triage.priority;
  if (next.policy !== null && next.firstResponse !== null) {
    next.firstResponse = retarget(next.firstResponse, next.policy, next.priority, at);
  }
  change.emit('ticket.triaged', { ...command.triage, priorityBefore: ticket.priority });
  if (ticket.status === 'triaging') {
    change.emit('ticket.opened', { from: ticket.status, reasonTextId: null });
    next.status = 'open';
  }
  return change.outcome();
}
