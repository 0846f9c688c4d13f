/** The first-response deadline falling due: at risk, then breached, then one page. */
import type { CompletePage, FallDue } from '../commands.ts';
import { type Decision, open, refuse } from '../outcome.ts';
import { isRunning } from '../sla.ts';
import { referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { settle } from './effects.ts';

/** The deadline is near: said once on the timeline. */
export function warnFirstResponse(ticket: Ticket, command: FallDue, at: number): Decision {
  const clock = ticket.firstResponse;
  if (!isRunning(clock) || clock.warnedAt !== null || at < clock.warnAt) return notDue(ticket);
  const change = open(ticket, command, at, SYSTEM);
  change.ticket.firstResponse = { ...clock, warnedAt: at };
  change.emit('sla.warned', { target: 'firstResponse', dueAt: clock.dueAt });
  return change.outcome();
}

/** The deadline has passed unanswered: said once, and one page is asked for. */
export function breachFirstResponse(ticket: Ticket, command: FallDue, at: number): Decision {
  const clock = ticket.firstResponse;
  if (!isRunning(clock) || at < clock.dueAt) return notDue(ticket);
  const change = open(ticket, command, at, SYSTEM);
  change.ticket.firstResponse = { ...clock, breachedAt: at };
  change.ticket.effects = [
    ...ticket.effects,
    { kind: 'page', id: `page:${clock.dueAt}`, requestId: change.requestId, dueAt: clock.dueAt },
  ];
  change.emit('sla.breached', { target: 'firstResponse', dueAt: clock.dueAt });
  return change.outcome();
}

/** The page has been shown, or nobody could be paged; either way it is on the timeline. */
export function completePage(ticket: Ticket, command: CompletePage, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'page');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const { dueAt } = asked.effect;
  if (command.to === null) change.emit('escalation.failed', { dueAt });
  else change.emit('escalation.paged', { to: command.to, dueAt });
  return change.outcome();
}

function notDue(ticket: Ticket) {
  return refuse('not_found', `${referenceOf(ticket)} has no such deadline due.`);
}
