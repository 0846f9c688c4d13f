/**
 * The one durable timer of a ticket: for the agenda's earliest moment, kept while that stays the same.
 */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { agenda, type Moment } from '../domain/agenda.ts';
import type { Command } from '../domain/commands.ts';
import type { Ticket } from '../domain/ticket.ts';

export interface AgendaTimer {
  /** Sets the timer by what `ticket` has ahead. */
  follow(ticket: Ticket): void;
  /** The command of the earliest moment when it has come, else undefined. */
  due(): Command | undefined;
}

/** A timer that is not set yet. */
export function createAgendaTimer(): AgendaTimer {
  let earliest: Moment | undefined;
  let scope: CancellationScope | undefined;
  return {
    follow(ticket) {
      const next = agenda(ticket)[0];
      if (next?.command.id === earliest?.command.id) return;
      // One that has rung is over: cancelling it would only cost a stack trace.
      if (earliest !== undefined && Date.now() < earliest.at) scope?.cancel();
      scope = undefined;
      earliest = next;
      if (next !== undefined && next.at > Date.now()) scope = ring(next);
    },
    due() {
      return earliest !== undefined && Date.now() >= earliest.at ? earliest.command : undefined;
    },
  };
}

function ring(moment: Moment): CancellationScope {
  const scope = new CancellationScope();
  // Firing is enough: it wakes the workflow, which then sees that the moment has come.
  scope
    .run(() => sleep(moment.at - Date.now(), { summary: moment.summary }))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return scope;
}
