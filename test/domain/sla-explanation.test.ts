import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arm, breach, fulfil, pause, remaining, resume, retarget, type Clock } from '../../domain/clock.ts';
import { explain, type Metric } from '../../domain/sla-explanation.ts';
import type { SlaPolicy } from '../../domain/sla-policy.ts';
import { PRIORITIES, type Priority } from '../../domain/ticket.ts';
import { anyPlace, calendarOf, DAY, everyDay, HOUR } from './minute-oracle.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const T0 = utc('2026-12-24T15:00');

function policyOf(id: string, calendar: SlaPolicy['calendar'], scale = 1): SlaPolicy {
  const firstResponse = { urgent: HOUR * scale, high: 2 * HOUR * scale, normal: 8 * HOUR * scale, low: DAY * scale };
  const targets = { firstResponse, nextResponse: null, resolution: null };
  return { id, name: `The ${id} policy`, version: 1, calendar, targets, warnAt: [0.75], ladder: [] };
}

const BERLIN = calendarOf('Europe/Berlin', T0, everyDay({ from: 540, to: 1020 }), ['2026-12-25']);
const OFFICE = policyOf('office', BERLIN);
const ALWAYS = policyOf('always', null);
const known = (...policies: SlaPolicy[]) => {
  return (id: string, version: number) => policies.find((one) => one.id === id && one.version === version);
};

function line(type: Metric['type'], at: number, policy: SlaPolicy, over: Partial<Metric> = {}): Metric {
  const target = policy.targets.firstResponse?.[over.priority ?? 'normal'] ?? 0;
  return { at, type, policyId: policy.id, policyVersion: 1, priority: 'normal', target, reason: null, ...over };
}

const told = (log: Metric[], until: number) => {
  const { segments, ...rest } = explain(log, known(OFFICE, ALWAYS), until);
  return { ...rest, spans: segments.map((one) => [(one.to - one.from) / HOUR, one.why, one.reason, one.policy.id]) };
};

describe('the explanation of a deadline', () => {
  test('tells each span with its reason, and adds up to the deadline', () => {
    const log = [
      line('activate', T0, OFFICE),
      line('pause', T0 + 0.5 * HOUR, OFFICE, { reason: 'pending' }),
      line('resume', T0 + 42 * HOUR, OFFICE),
    ];
    // 16:00 in Berlin on the 24th; the 25th is a holiday; resumed at 10:00 on the 26th with 7.5 hours left.
    expect(told(log, T0 + 50 * HOUR)).toEqual({
      counted: 7.5 * HOUR,
      dueAt: utc('2026-12-27T08:30'),
      spans: [
        [0.5, 'working', null, 'office'],
        [41.5, 'paused', 'pending', 'office'],
        [7, 'working', null, 'office'],
        [1, 'closed', null, 'office'],
      ],
    });
    expect(told(log.slice(0, 1), T0 + 33 * HOUR).spans).toEqual([
      [1, 'working', null, 'office'],
      [7, 'closed', null, 'office'],
      [24, 'holiday', null, 'office'],
      [1, 'closed', null, 'office'],
    ]);
  });

  test('names the policy of each span when another was applied', () => {
    const log = [
      line('activate', T0, ALWAYS),
      line('applyPolicy', T0 + 3 * HOUR, OFFICE, { priority: 'high', target: 4 * HOUR }),
    ];
    const explanation = explain(log, known(OFFICE, ALWAYS), T0 + 4 * HOUR);
    expect(explanation.segments).toMatchObject([
      {
        why: 'always',
        counted: true,
        policy: { id: 'always', version: 1, name: 'The always policy' },
        target: 8 * HOUR,
      },
      { why: 'closed', counted: false, policy: { id: 'office' }, priority: 'high', target: 4 * HOUR },
    ]);
    expect(explanation.dueAt).toBe(utc('2026-12-26T09:00'));
  });

  test('tells a pause for another reason as another span', () => {
    const log = [
      line('activate', T0, ALWAYS),
      line('pause', T0 + HOUR, ALWAYS, { reason: 'pending' }),
      line('pause', T0 + 2 * HOUR, ALWAYS, { reason: 'on_hold' }),
    ];
    expect(told(log, T0 + 5 * HOUR)).toEqual({
      counted: HOUR,
      dueAt: null,
      spans: [
        [1, 'always', null, 'always'],
        [1, 'paused', 'pending', 'always'],
        [3, 'paused', 'on_hold', 'always'],
      ],
    });
  });

  test('ends with the answer, and with a cancellation, which leaves no deadline', () => {
    const begun = line('activate', T0, ALWAYS);
    expect(told([begun, line('fulfil', T0 + HOUR, ALWAYS)], T0 + DAY)).toMatchObject({
      counted: HOUR,
      dueAt: T0 + 8 * HOUR,
      spans: [[1, 'always', null, 'always']],
    });
    expect(told([begun, line('cancel', T0 + HOUR, ALWAYS)], T0 + DAY)).toMatchObject({ counted: HOUR, dueAt: null });
  });

  test('shows where the priority or the target changed, though the hours stayed the same', () => {
    const log = [
      line('activate', T0, ALWAYS),
      line('applyPolicy', T0 + HOUR, ALWAYS, { priority: 'high', target: 8 * HOUR }),
      line('applyPolicy', T0 + 2 * HOUR, ALWAYS, { priority: 'high', target: 6 * HOUR }),
    ];
    const { segments, dueAt } = explain(log, known(ALWAYS), T0 + 3 * HOUR);
    expect(segments.map((one) => [one.priority, one.target / HOUR])).toEqual([
      ['normal', 8],
      ['high', 8],
      ['high', 6],
    ]);
    expect(dueAt).toBe(T0 + 6 * HOUR);
  });

  test('keeps the deadline that was breached, whatever was noted after it', () => {
    const log = [
      line('activate', T0, ALWAYS),
      line('breach', T0 + 8 * HOUR, ALWAYS),
      line('pause', T0 + 9 * HOUR, ALWAYS, { reason: 'pending' }),
      line('resume', T0 + 10 * HOUR, ALWAYS),
      line('applyPolicy', T0 + 11 * HOUR, OFFICE),
      line('cancel', T0 + 12 * HOUR, OFFICE),
    ];
    expect(told(log, T0 + DAY)).toEqual({
      counted: 12 * HOUR,
      dueAt: T0 + 8 * HOUR,
      spans: [[12, 'always', null, 'always']],
    });
  });

  test('of a target set several times is that of the latest', () => {
    const log = [line('activate', T0, ALWAYS), line('fulfil', T0 + HOUR, ALWAYS), line('activate', T0 + DAY, ALWAYS)];
    expect(told(log, T0 + DAY + HOUR)).toMatchObject({ counted: HOUR, dueAt: T0 + DAY + 8 * HOUR });
    expect(told(log, T0 + 2 * HOUR)).toMatchObject({ counted: HOUR, dueAt: T0 + 8 * HOUR });
  });

  test('is empty before the target was set', () => {
    expect(explain([line('activate', T0, ALWAYS)], known(ALWAYS), T0 - 1)).toEqual({
      segments: [],
      counted: 0,
      dueAt: null,
    });
  });

  test('names the policy that it would need and nobody kept', () => {
    expect(() => explain([line('activate', T0, ALWAYS)], known(OFFICE), T0)).toThrow(
      /Policy "always" is not known in version 1/,
    );
  });
});

describe('clock and explanation', () => {
  const anyStep = fc.record({
    wait: fc.integer({ min: 0, max: 10 * HOUR }),
    kind: fc.constantFrom('pause', 'resume', 'retarget', 'breach', 'fulfil', 'pause', 'resume', 'retarget'),
    priority: fc.constantFrom<Priority>(...PRIORITIES),
    policy: fc.integer({ min: 0, max: 2 }),
  });

  test('agree on deadline and counted time after any pauses, policies, breaches and answers', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, fc.array(anyStep, { maxLength: 15 }), (one, other, steps) => {
        const policies = [policyOf('one', one.calendar), policyOf('other', other.calendar, 2), ALWAYS] as const;
        const policyNamed = known(...policies);
        let policy: SlaPolicy = policies[0];
        let priority: Priority = 'normal';
        let at = one.turn - DAY;
        let clock = arm(policy, 'firstResponse', priority, at);
        const log: Metric[] = [line('activate', at, policy)];

        for (const step of steps) {
          at += step.wait;
          const before: Clock | null = clock;
          if (before === null) return;
          const next = policies[step.policy] ?? policy;
          if (step.kind === 'pause') clock = pause(before, policy, at);
          if (step.kind === 'resume') clock = resume(before, policy, at);
          if (step.kind === 'breach') clock = breach(before, at);
          if (step.kind === 'fulfil') clock = fulfil(before, policy, at);
          if (step.kind === 'retarget') {
            clock = retarget(before, policy, next, 'firstResponse', step.priority, at);
          }
          if (clock !== null && clock !== before) {
            if (step.kind === 'retarget') [policy, priority] = [next, step.priority];
            const type = step.kind === 'retarget' ? 'applyPolicy' : step.kind;
            log.push(line(type, at, policy, { priority }));
          }
          agree(clock, policy, log, at);
          agree(clock, policy, log, at + HOUR);
        }

        function agree(clock: Clock | null, policy: SlaPolicy, log: Metric[], until: number): void {
          if (clock === null) return;
          const explanation = explain(log, policyNamed, until);
          expect(explanation.dueAt).toBe(clock.dueAt);
          expect(explanation.counted).toBe(clock.target - remaining(clock, policy, until));
          const end = clock.fulfilledAt ?? until;
          const ends = explanation.segments.map((segment) => segment.to);
          expect(explanation.segments.map((segment) => segment.from)).toEqual(
            end === clock.startedAt ? [] : [clock.startedAt, ...ends.slice(0, -1)],
          );
          expect(ends.at(-1) ?? end).toBe(end);
        }
      }),
      { numRuns: 300 },
    );
  });
});
