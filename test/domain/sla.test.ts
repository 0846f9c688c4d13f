import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Calendar } from '../../domain/business-hours.ts';
import {
  arm,
  breach,
  clockState,
  fulfil,
  isAtRisk,
  isOpen,
  isRunning,
  pause,
  remaining,
  resume,
  retarget,
  warn,
  type Clock,
} from '../../domain/clock.ts';
import type { SlaPolicy } from '../../domain/sla-policy.ts';
import { anyPlace, calendarOf, DAY, everyDay, HOUR, MINUTE, minutes } from './minute-oracle.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const T0 = utc('2026-11-02T09:00');
const hours = (urgent: number, high: number, normal: number, low: number) => ({
  urgent: urgent * HOUR,
  high: high * HOUR,
  normal: normal * HOUR,
  low: low * HOUR,
});

function policyOf(calendar: Calendar | null, over: Partial<SlaPolicy> = {}): SlaPolicy {
  const targets = { firstResponse: hours(1, 2, 8, 24), nextResponse: null, resolution: hours(4, 8, 40, 80) };
  return { id: 'standard', name: 'Standard', version: 1, calendar, targets, warnAt: [0.75, 0.9], ladder: [], ...over };
}

const CALENDAR_TIME = policyOf(null);
const OFFICE = policyOf(calendarOf('UTC', T0, everyDay({ from: 540, to: 1020 })));

function set(clock: Clock | null): Clock {
  if (clock === null) throw new Error('The policy sets no such target.');
  return clock;
}

const armed = (policy: SlaPolicy, startedAt = T0) => set(arm(policy, 'firstResponse', 'normal', startedAt));

describe('a clock', () => {
  test('is due when its calendar has counted the target, and warns on the way', () => {
    expect(armed(CALENDAR_TIME)).toMatchObject({
      startedAt: T0,
      dueAt: T0 + 8 * HOUR,
      warnAt: [T0 + 6 * HOUR, T0 + 7.2 * HOUR],
    });
    expect(armed(OFFICE, T0 + 2 * HOUR)).toMatchObject({
      dueAt: T0 + DAY + 2 * HOUR,
      warnAt: [T0 + 8 * HOUR, T0 + DAY + 1.2 * HOUR],
    });
  });

  test('is not there for a target that the policy does not set', () => {
    expect(arm(CALENDAR_TIME, 'nextResponse', 'normal', T0)).toBeNull();
  });

  test('is never due, nor warns, when nobody works that long', () => {
    const never = armed(policyOf(calendarOf('UTC', T0, everyDay())));
    expect(never).toMatchObject({ dueAt: null, warnAt: [] });
    expect(breach(never, T0 + 1000 * DAY)).toBe(never);
    expect(isAtRisk(never, T0 + 1000 * DAY)).toBe(false);
    const minuteAWeek = policyOf(calendarOf('UTC', T0, [[{ from: 0, to: 1 }]]), {
      targets: { ...OFFICE.targets, firstResponse: hours(10, 10, 10, 10) },
    });
    expect(armed(minuteAWeek)).toMatchObject({ dueAt: null, warnAt: [] });
  });

  test('survives JSON as it is', () => {
    const clock = pause(armed(OFFICE), OFFICE, T0 + HOUR);
    expect(JSON.parse(JSON.stringify(clock))).toEqual(clock);
  });

  test('warns in order, once each, and then is at risk', () => {
    const clock = armed(CALENDAR_TIME);
    expect(warn(clock, T0 + 6 * HOUR - 1)).toBe(clock);
    expect(isAtRisk(clock, T0 + 6 * HOUR - 1)).toBe(false);
    expect(isAtRisk(clock, T0 + 6 * HOUR)).toBe(true);
    const first = warn(clock, T0 + 6 * HOUR);
    expect(first).toMatchObject({ warnedAt: T0 + 6 * HOUR, warnAt: [T0 + 7.2 * HOUR] });
    expect(isAtRisk(first, T0 + 6 * HOUR)).toBe(true);
    const second = warn(first, T0 + 7.2 * HOUR);
    expect(second).toMatchObject({ warnedAt: T0 + 7.2 * HOUR, warnAt: [] });
    expect(warn(second, T0 + 7.5 * HOUR)).toBe(second);
  });

  test('breaches when it is due and not before, stays breached, and counts how late it is until fulfilled', () => {
    const clock = armed(CALENDAR_TIME);
    expect(breach(clock, T0 + 8 * HOUR - 1)).toBe(clock);
    const late = breach(clock, T0 + 8 * HOUR);
    expect([clockState(late), isRunning(late), isOpen(late), isAtRisk(late, T0 + 9 * HOUR)]).toEqual([
      'breached',
      false,
      false,
      false,
    ]);
    expect(remaining(late, CALENDAR_TIME, T0 + 10 * HOUR)).toBe(-2 * HOUR);
    expect(breach(late, T0 + 9 * HOUR)).toBe(late);
    expect(pause(late, CALENDAR_TIME, T0 + 9 * HOUR)).toBe(late);
    expect(resume(late, CALENDAR_TIME, T0 + 9 * HOUR)).toBe(late);
    expect(retarget(late, CALENDAR_TIME, OFFICE, 'firstResponse', 'low', T0 + 9 * HOUR)).toBe(late);
    const answered = fulfil(late, CALENDAR_TIME, T0 + 10 * HOUR);
    expect(answered).toMatchObject({ breachedAt: T0 + 8 * HOUR, fulfilledAt: T0 + 10 * HOUR, counted: 10 * HOUR });
    expect(clockState(answered)).toBe('breached');
  });

  test('fulfilled keeps what it counted and its deadline, and nothing moves it any more', () => {
    const done = fulfil(armed(CALENDAR_TIME), CALENDAR_TIME, T0 + 3 * HOUR);
    expect(done).toMatchObject({ counted: 3 * HOUR, since: null, dueAt: T0 + 8 * HOUR, warnAt: [] });
    expect([clockState(done), isOpen(done)]).toEqual(['fulfilled', false]);
    expect(remaining(done, CALENDAR_TIME, T0 + 20 * HOUR)).toBe(5 * HOUR);
    for (const later of [
      pause(done, CALENDAR_TIME, T0 + 4 * HOUR),
      resume(done, CALENDAR_TIME, T0 + 4 * HOUR),
      warn(done, T0 + 7 * HOUR),
      breach(done, T0 + 9 * HOUR),
      fulfil(done, CALENDAR_TIME, T0 + 4 * HOUR),
      retarget(done, CALENDAR_TIME, OFFICE, 'nextResponse', 'low', T0 + 4 * HOUR),
    ]) {
      expect(later).toBe(done);
    }
  });

  test('that is not there is neither running nor open nor at risk', () => {
    expect([isRunning(null), isOpen(null), isAtRisk(null, T0)]).toEqual([false, false, false]);
  });
});

describe('a pause', () => {
  test('takes the deadline away and gives it back as much later as working time went by', () => {
    const paused = pause(armed(OFFICE), OFFICE, T0 + 2 * HOUR);
    expect(paused).toMatchObject({ counted: 2 * HOUR, since: null, dueAt: null, warnAt: [] });
    expect([clockState(paused), isRunning(paused), isOpen(paused)]).toEqual(['paused', false, true]);
    expect(resume(paused, OFFICE, T0 + 20 * HOUR)).toMatchObject({ dueAt: T0 + DAY + 6 * HOUR });
  });

  test('twice is once, and so is resuming', () => {
    const running = armed(CALENDAR_TIME);
    expect(resume(running, CALENDAR_TIME, T0 + HOUR)).toBe(running);
    const paused = pause(running, CALENDAR_TIME, T0 + HOUR);
    expect(pause(paused, CALENDAR_TIME, T0 + 2 * HOUR)).toBe(paused);
  });

  test('is never breached, warned or at risk, however long', () => {
    const paused = pause(armed(CALENDAR_TIME), CALENDAR_TIME, T0 + 7 * HOUR);
    expect(breach(paused, T0 + 100 * DAY)).toBe(paused);
    expect(warn(paused, T0 + 100 * DAY)).toBe(paused);
    expect(isAtRisk(paused, T0 + 100 * DAY)).toBe(false);
  });

  test('after which nothing is left ends with the clock due at once', () => {
    const paused = pause(armed(CALENDAR_TIME), CALENDAR_TIME, T0 + 8 * HOUR);
    expect(resume(paused, CALENDAR_TIME, T0 + 30 * HOUR)).toMatchObject({ dueAt: T0 + 30 * HOUR, warnAt: [] });
  });

  test('does not repeat a warning that was given, nor lose one that was not', () => {
    const clock = armed(CALENDAR_TIME);
    const warned = pause(warn(clock, T0 + 6 * HOUR), CALENDAR_TIME, T0 + 6.5 * HOUR);
    expect(resume(warned, CALENDAR_TIME, T0 + DAY)).toMatchObject({
      warnedAt: T0 + 6 * HOUR,
      warnAt: [T0 + DAY + 0.7 * HOUR],
    });
    const unwarned = pause(clock, CALENDAR_TIME, T0 + 6 * HOUR);
    expect(resume(unwarned, CALENDAR_TIME, T0 + DAY).warnAt).toEqual([T0 + DAY, T0 + DAY + 1.2 * HOUR]);
  });

  test('may come a hundred times: the clock breaches at the millisecond that counting minutes says', () => {
    const anyPlay = fc.record({
      place: anyPlace,
      target: fc.integer({ min: 1, max: 30 * HOUR }),
      start: fc.integer({ min: -2 * DAY, max: 0 }),
      waits: fc.array(fc.integer({ min: 0, max: HOUR }), { minLength: 100, maxLength: 100 }),
      whole: fc.boolean(),
    });
    fc.assert(
      fc.property(anyPlay, ({ place: { calendar, turn }, target, start, waits, whole }) => {
        const round = (amount: number) => (whole ? Math.ceil(amount / MINUTE) * MINUTE : amount);
        const allowed = { urgent: round(target), high: 1, normal: 1, low: 1 };
        const policy = policyOf(calendar, {
          targets: { firstResponse: allowed, nextResponse: null, resolution: null },
        });
        let at = turn + round(start);
        let clock = set(arm(policy, 'firstResponse', 'urgent', at));
        const expected: Countdown = { left: allowed.urgent, dueAt: null };
        for (const wait of waits) {
          const next = at + round(wait);
          if (isRunning(clock)) countDown(expected, calendar, at, next);
          if (isRunning(clock) && clock.dueAt !== null && clock.dueAt <= next) clock = breach(clock, clock.dueAt);
          expect(clock.breachedAt).toBe(expected.dueAt);
          if (clock.breachedAt !== null) return;
          clock = isRunning(clock) ? pause(clock, policy, next) : resume(clock, policy, next);
          expect(remaining(clock, policy, next)).toBe(expected.left);
          at = next;
        }
      }),
      { numRuns: 150 },
    );
  });
});

interface Countdown {
  left: number;
  dueAt: number | null;
}

/** Takes from `expected.left` what is worked in [from, to), minute by minute, and notes when nothing is left. */
function countDown(expected: Countdown, calendar: Calendar, from: number, to: number): void {
  for (const part of minutes(calendar, from, to)) {
    if (!part.worked) continue;
    const length = part.to - part.from;
    if (length >= expected.left) {
      expected.dueAt = part.from + expected.left;
      return;
    }
    expected.left -= length;
  }
}

describe('another policy or priority', () => {
  const move = (clock: Clock, after: SlaPolicy, priority: 'urgent' | 'high' | 'normal' | 'low', at: number) =>
    set(retarget(clock, CALENDAR_TIME, after, 'firstResponse', priority, at));

  test('counts what had been counted, and the rest in its own hours', () => {
    // Three hours around the clock, then five in the office, which closes at 17:00.
    const moved = move(armed(CALENDAR_TIME, T0 + 3 * HOUR), OFFICE, 'normal', T0 + 6 * HOUR);
    expect(moved).toMatchObject({ counted: 3 * HOUR, dueAt: T0 + DAY + 3 * HOUR, startedAt: T0 + 3 * HOUR });
  });

  test('that leaves nothing makes the clock due at once', () => {
    expect(move(armed(CALENDAR_TIME), CALENDAR_TIME, 'urgent', T0 + 3 * HOUR)).toMatchObject({
      dueAt: T0 + 3 * HOUR,
      warnAt: [],
    });
  });

  test('that is the same moves nothing', () => {
    fc.assert(
      fc.property(anyPlace, fc.integer({ min: 0, max: 3 * DAY }), ({ calendar, turn }, wait) => {
        const policy = policyOf(calendar);
        const clock = armed(policy, turn);
        const at = turn + wait;
        if (clock.dueAt === null || at >= (clock.warnAt[0] ?? 0)) return;
        const same = set(retarget(clock, policy, policy, 'firstResponse', 'normal', at));
        expect([same.dueAt, same.warnAt]).toEqual([clock.dueAt, clock.warnAt]);
      }),
    );
  });

  test('reaches a paused clock, which stays paused', () => {
    const paused = pause(armed(CALENDAR_TIME), CALENDAR_TIME, T0 + HOUR);
    const moved = move(paused, OFFICE, 'high', T0 + 5 * HOUR);
    expect(moved).toMatchObject({ target: 2 * HOUR, counted: HOUR, since: null, dueAt: null, warnAt: [] });
    expect(resume(moved, OFFICE, T0 + 7.5 * HOUR)).toMatchObject({ dueAt: T0 + DAY + 0.5 * HOUR });
  });

  test('that has no such target takes the clock away', () => {
    const without = policyOf(null, { targets: { firstResponse: null, nextResponse: null, resolution: null } });
    expect(retarget(armed(OFFICE), OFFICE, without, 'firstResponse', 'normal', T0)).toBeNull();
  });

  test('gives a warning anew that is ahead again, and at once one that was passed unsaid', () => {
    const warned = warn(armed(CALENDAR_TIME), T0 + 6 * HOUR);
    expect(move(warned, CALENDAR_TIME, 'low', T0 + 6 * HOUR)).toMatchObject({
      warnedAt: null,
      warnAt: [T0 + 18 * HOUR, T0 + 21.6 * HOUR],
    });
    const raised = move(armed(CALENDAR_TIME), CALENDAR_TIME, 'high', T0 + 1.6 * HOUR);
    expect(raised).toMatchObject({ warnedAt: null, warnAt: [T0 + 1.6 * HOUR, T0 + 1.8 * HOUR] });
    expect(move(warned, CALENDAR_TIME, 'normal', T0 + 6.5 * HOUR)).toMatchObject({
      warnedAt: T0 + 6 * HOUR,
      warnAt: [T0 + 7.2 * HOUR],
    });
  });
});
