/**
 * The service-level clock of a first response: policy → deadline, and what has become of it.
 *
 * All instants are absolute milliseconds since 1970. Does not promise business hours: time is calendar time, counted
 * without a pause from the customer's first message.
 */
import type { Priority } from './ticket.ts';

/** Targets in milliseconds by priority; `warnShare` is the share of the target after which a ticket is at risk. */
export interface SlaPolicy {
  id: string;
  firstResponse: Record<Priority, number>;
  warnShare: number;
}

export interface Clock {
  startedAt: number;
  warnAt: number;
  dueAt: number;
  warnedAt: number | null;
  breachedAt: number | null;
  fulfilledAt: number | null;
}

/** The clock that `policy` sets for a first response to a message written at `startedAt`. */
export function armFirstResponse(policy: SlaPolicy, priority: Priority, startedAt: number): Clock {
  return { startedAt, ...deadline(policy, priority, startedAt), warnedAt: null, breachedAt: null, fulfilledAt: null };
}

/** The same clock under another priority: what has elapsed counts; a breach that happened stays; a warning may come anew. */
export function retarget(clock: Clock, policy: SlaPolicy, priority: Priority, at: number): Clock {
  if (clock.fulfilledAt !== null || clock.breachedAt !== null) return clock;
  const next = { ...clock, ...deadline(policy, priority, clock.startedAt) };
  return next.warnAt > at ? { ...next, warnedAt: null } : next;
}

/** What a reader calls the clock's state; a breached clock stays breached when the answer comes late. */
export function clockState(clock: Clock): 'running' | 'fulfilled' | 'breached' {
  if (clock.breachedAt !== null) return 'breached';
  return clock.fulfilledAt === null ? 'running' : 'fulfilled';
}

/** Whether the clock still has a deadline ahead that a reply would meet. */
export function isRunning(clock: Clock | null): clock is Clock {
  return clock !== null && clockState(clock) === 'running';
}

function deadline(policy: SlaPolicy, priority: Priority, startedAt: number) {
  const target = policy.firstResponse[priority];
  return { warnAt: startedAt + Math.round(target * policy.warnShare), dueAt: startedAt + target };
}
