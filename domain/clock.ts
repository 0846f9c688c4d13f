/**
 * A service-level clock: counts the time that a policy gives for one target, from policy to deadline, and keeps what
 * became of it. Pure and plain JSON: instants are absolute milliseconds since 1970, amounts milliseconds of counted time.
 *
 * Does not promise to notice the time by itself: what fell due before an instant is handed in first, then what happened
 * at that instant. A change that ends a clock is final; until it is fulfilled, a breached clock goes on counting how
 * late it is, and neither a pause nor another policy touches it.
 */
import { addWorkingTime, workingTime } from './business-hours.ts';
import type { SlaPolicy, Target } from './sla-policy.ts';
import type { Priority } from './ticket.ts';

export interface Clock {
  /** When counting began. */
  startedAt: number;
  /** Counted time allowed. */
  target: number;
  /** Counted before `since`. */
  counted: number;
  /** Counting since then; null while paused and once fulfilled. */
  since: number | null;
  /** null while paused, and when the calendar never has that much time. */
  dueAt: number | null;
  /** The warnings ahead, earliest first; empty while paused, once ended, and when there is no deadline to warn of. */
  warnAt: number[];
  /** The latest warning. */
  warnedAt: number | null;
  breachedAt: number | null;
  fulfilledAt: number | null;
}

/** The clock that `policy` sets for `target`, counting from `startedAt`; null when it sets none. */
export function arm(policy: SlaPolicy, target: Target, priority: Priority, startedAt: number): Clock | null {
  const allowed = policy.targets[target]?.[priority];
  if (allowed === undefined) return null;
  const clock: Clock = {
    startedAt,
    target: allowed,
    counted: 0,
    since: null,
    dueAt: null,
    warnAt: [],
    warnedAt: null,
    breachedAt: null,
    fulfilledAt: null,
  };
  return countFrom(clock, policy, startedAt);
}

/** The clock stopped at `at`; one that does not run stays as it is. */
export function pause(clock: Clock, policy: SlaPolicy, at: number): Clock {
  if (!isRunning(clock)) return clock;
  return { ...clock, counted: countedUntil(clock, policy, at), since: null, dueAt: null, warnAt: [] };
}

/** The clock going on at `at` where it stopped, due at once when nothing is left; one not paused stays as it is. */
export function resume(clock: Clock, policy: SlaPolicy, at: number): Clock {
  return clockState(clock) === 'paused' ? countFrom(clock, policy, at) : clock;
}

/**
 * The clock under another policy or priority from `at` on, paused if it was; null when `after` sets no such target.
 * What `before` counted stays counted. A warning may come again when it is ahead again; an ended clock stays as it is.
 */
export function retarget(
  clock: Clock,
  before: SlaPolicy,
  after: SlaPolicy,
  target: Target,
  priority: Priority,
  at: number,
): Clock | null {
  if (!isOpen(clock)) return clock;
  const allowed = after.targets[target]?.[priority];
  if (allowed === undefined) return null;
  const next = { ...clock, target: allowed, counted: countedUntil(clock, before, at) };
  const warnedAt = hasPassedWarning(next, after) ? clock.warnedAt : null;
  return clock.since === null ? { ...next, warnedAt } : countFrom({ ...next, warnedAt }, after, at);
}

/** The clock after it was said at `at` to be at risk; unchanged when no warning had come due. */
export function warn(clock: Clock, at: number): Clock {
  const [next] = clock.warnAt;
  if (!isRunning(clock) || next === undefined || next > at) return clock;
  return { ...clock, warnedAt: at, warnAt: clock.warnAt.filter((instant) => instant > at) };
}

/** The clock breached at `at`; unchanged before it is due, while it is paused and once it has ended. */
export function breach(clock: Clock, at: number): Clock {
  if (!isRunning(clock) || clock.dueAt === null || clock.dueAt > at) return clock;
  return { ...clock, breachedAt: at, warnAt: [] };
}

/** The clock fulfilled at `at`, also when it was paused or breached; one fulfilled before stays as it is. */
export function fulfil(clock: Clock, policy: SlaPolicy, at: number): Clock {
  if (clock.fulfilledAt !== null) return clock;
  return { ...clock, counted: countedUntil(clock, policy, at), since: null, warnAt: [], fulfilledAt: at };
}

/** What a reader calls the clock's state; a breached clock stays breached when it is fulfilled late. */
export function clockState(clock: Clock): 'running' | 'paused' | 'fulfilled' | 'breached' {
  if (clock.breachedAt !== null) return 'breached';
  if (clock.fulfilledAt !== null) return 'fulfilled';
  return clock.since === null ? 'paused' : 'running';
}

/** Whether the clock counts towards a deadline that can still be met. */
export function isRunning(clock: Clock | null): clock is Clock {
  return clock !== null && clockState(clock) === 'running';
}

/** Whether the clock can still be met: running or paused. */
export function isOpen(clock: Clock | null): clock is Clock {
  return isRunning(clock) || (clock !== null && clockState(clock) === 'paused');
}

/** The deadline that is next among those that can still be met; null when none runs towards one. */
export function earliestDue(clocks: readonly (Clock | null)[]): number | null {
  const due = Math.min(...clocks.filter(isRunning).map(({ dueAt }) => dueAt ?? Infinity));
  return due === Infinity ? null : due;
}

/** Whether the clock has breached and what it is about is still owed. */
export function isOverdue(clock: Clock | null): clock is Clock {
  return clock !== null && clock.breachedAt !== null && clock.fulfilledAt === null;
}

/** Whether at `at` a running clock has passed a warning, said or not; a paused one runs no risk. */
export function isAtRisk(clock: Clock | null, at: number): boolean {
  if (!isRunning(clock)) return false;
  const [next = clock.dueAt ?? Infinity] = clock.warnAt;
  return clock.warnedAt !== null || next <= at;
}

/** Counted time left at `at`, negative once late. */
export function remaining(clock: Clock, policy: SlaPolicy, at: number): number {
  return clock.target - countedUntil(clock, policy, at);
}

function countFrom(clock: Clock, policy: SlaPolicy, at: number): Clock {
  const instantOf = (amount: number) => addWorkingTime(policy.calendar, at, amount - clock.counted);
  const dueAt = instantOf(clock.target);
  const ahead = warnings(clock, policy)
    .filter((amount) => amount > clock.counted)
    .map(instantOf);
  // A warning that was passed without a word, as when the target shrinks, is said now; several at once are one.
  const passedUnsaid = clock.warnedAt === null && hasPassedWarning(clock, policy);
  const warnAt = (passedUnsaid ? [at, ...ahead] : ahead).filter((instant) => instant !== null);
  return { ...clock, since: at, dueAt, warnAt: warnAt.filter((instant) => dueAt !== null && instant < dueAt) };
}

/** The warnings of the clock's target as amounts of counted time, in order. */
function warnings(clock: Clock, policy: SlaPolicy): number[] {
  return policy.warnAt.map((share) => Math.round(clock.target * share)).sort((a, b) => a - b);
}

function hasPassedWarning(clock: Clock, policy: SlaPolicy): boolean {
  return warnings(clock, policy).some((amount) => amount <= clock.counted);
}

function countedUntil(clock: Clock, policy: SlaPolicy, at: number): number {
  return clock.counted + (clock.since === null ? 0 : workingTime(policy.calendar, clock.since, at));
}
