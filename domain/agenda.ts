/**
 * The agenda: every moment that a ticket still has ahead, in order. It is read off the ticket each time, so it cannot
 * disagree with it; the workflow keeps one durable timer for the earliest moment.
 */
import { isRunning } from './clock.ts';
import type { FallDue } from './commands.ts';
import { TARGET_NAMES, TARGETS, type Target } from './sla-policy.ts';
import { autoCloseAt, type Ticket } from './ticket.ts';

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
  const moments = [
    ...TARGETS.flatMap((target) => clockMoments(ticket, target)),
    ...ladderMoments(ticket),
    ...outboxMoments(ticket),
    ...restMoments(ticket),
  ];
  return moments.sort((a, b) => a.at - b.at);
}

function clockMoments(ticket: Ticket, target: Target): Moment[] {
  const clock = ticket.clocks[target];
  if (!isRunning(clock) || clock.dueAt === null) return [];
  const name = TARGET_NAMES[target].replace(/^./, (letter) => letter.toUpperCase());
  const moments: Moment[] = [
    {
      at: clock.dueAt,
      command: { type: 'breach', id: `breach:${target}:${clock.dueAt}`, target },
      summary: `${name} due`,
    },
  ];
  const [warnAt] = clock.warnAt;
  if (warnAt !== undefined) {
    const command = { type: 'warn', id: `warn:${target}:${warnAt}`, target } as const;
    moments.unshift({ at: warnAt, command, summary: `${name} at risk` });
  }
  return moments;
}

function ladderMoments({ escalation }: Ticket): Moment[] {
  if (escalation === null || escalation.nextAt === null) return [];
  const { step, nextAt } = escalation;
  const command = { type: 'climb', id: `climb:${escalation.target}:${step}:${nextAt}` } as const;
  return [{ at: nextAt, command, summary: `Escalation, step ${step + 1}` }];
}

function outboxMoments({ outbox }: Ticket): Moment[] {
  return outbox.map(({ messageId, sendAt }) => ({
    at: sendAt,
    command: { type: 'sendDue', id: `sendDue:${messageId}`, messageId },
    summary: 'Reply goes out',
  }));
}

function restMoments(ticket: Ticket): Moment[] {
  const moments: Moment[] = [];
  const { snoozed, merged } = ticket;
  if (snoozed !== null && snoozed.until !== null) {
    const { until } = snoozed;
    moments.push({ at: until, command: { type: 'wake', id: `wake:${until}` }, summary: 'Snooze ends' });
  }
  if (merged !== null && merged.until !== null) {
    const { until } = merged;
    moments.push({
      at: until,
      command: { type: 'settleMerge', id: `settleMerge:${until}` },
      summary: 'Merge is final',
    });
  }
  const at = autoCloseAt(ticket);
  if (at !== null) {
    moments.push({ at, command: { type: 'autoClose', id: `autoClose:${at}` }, summary: 'Closes by itself' });
  }
  return moments;
}
