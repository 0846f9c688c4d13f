/**
 * The agenda: every moment that a ticket still has ahead, in order. It is read off the ticket each time, so it cannot
 * disagree with it; the workflow keeps one durable timer for the earliest moment.
 */
import type { FallDue } from './commands.ts';
import { isRunning } from './sla.ts';
import type { Ticket } from './ticket.ts';

export interface Moment {
  /** Milliseconds since 1970. */
  at: number;
  /** What is asked of the ticket then. */
  command: FallDue;
  /** For a reader of the timer in Temporal's UI. */
  summary: string;
}

/** The moments ahead of `ticket`, earliest first. */
export function agenda(ticket: Ticket): Moment[] {
  return firstResponseMoments(ticket).sort((a, b) => a.at - b.at);
}

function firstResponseMoments(ticket: Ticket): Moment[] {
  const clock = ticket.firstResponse;
  if (!isRunning(clock)) return [];
  const breach: Moment = {
    at: clock.dueAt,
    command: { type: 'breachFirstResponse', id: `breachFirstResponse:${clock.dueAt}` },
    summary: 'First response due',
  };
  if (clock.warnedAt !== null) return [breach];
  const warn: Moment = {
    at: clock.warnAt,
    command: { type: 'warnFirstResponse', id: `warnFirstResponse:${clock.dueAt}` },
    summary: 'First response at risk',
  };
  return [warn, breach];
}
