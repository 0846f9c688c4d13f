/** A ticket put aside for a while, and what wakes it. */
import type { FallDue } from '../commands.ts';
import type { Snooze, Unsnooze } from '../person-commands.ts';
import type { EventData } from '../events.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { isDone } from '../status.ts';
import { referenceOf, SYSTEM, type Ticket } from '../ticket.ts';

/** Puts the ticket aside until an instant, or until the next message; its clocks go on. */
export function snooze(ticket: Ticket, command: Snooze, at: number): Decision {
  if (isDone(ticket.status)) {
    return refuse('illegal_transition', `${referenceOf(ticket)} is ${ticket.status}, so there is nothing to snooze.`, {
      status: ticket.status,
    });
  }
  if (command.until !== null && command.until <= at) {
    return refuse(
      'invalid_request',
      'A snooze ends in the future: give a later "until", or null for the next message.',
    );
  }
  const change = open(ticket, command, at, command.by);
  change.ticket.snoozed = { until: command.until };
  change.emit('ticket.snoozed', { until: command.until });
  return change.outcome();
}

/** A person takes it up again. */
export function unsnooze(ticket: Ticket, command: Unsnooze, at: number): Decision {
  if (ticket.snoozed === null) return refuse('not_snoozed', `${referenceOf(ticket)} is not snoozed.`);
  const change = open(ticket, command, at, command.by);
  wakeUp(change, 'person');
  return change.outcome();
}

/** Its time has come. */
export function wake(ticket: Ticket, command: FallDue, at: number): Decision {
  const until = ticket.snoozed?.until ?? null;
  if (until === null || at < until) return refuse('not_snoozed', `${referenceOf(ticket)} is not to be woken now.`);
  const change = open(ticket, command, at, SYSTEM);
  wakeUp(change, 'time');
  return change.outcome();
}

/** Ends a snooze, when there is one. */
export function wakeUp(change: Change, why: EventData['ticket.woken']['why']): void {
  if (change.ticket.snoozed === null) return;
  change.ticket.snoozed = null;
  change.emit('ticket.woken', { why });
}
