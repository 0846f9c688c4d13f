import { describe, expect, test } from 'vitest';
import { decide } from '../../../domain/decide.ts';
import { policyFactsOf } from '../../../domain/ticket.ts';
import { HOUR } from '../minute-oracle.ts';
import { change, lookedUp, merge, opened, owed, POLICY, REFUNDS } from '../tickets.ts';
import { settled, status, T0, taken, types } from '../tickets.ts';

const QUICK = {
  ...POLICY,
  id: 'quick',
  version: 2,
  targets: { ...POLICY.targets, firstResponse: { urgent: HOUR, high: HOUR, normal: 2 * HOUR, low: 2 * HOUR } },
};

/** The settings as somebody else found them, before they were asked for. */
const told = (policy: typeof POLICY | typeof QUICK, facts = policyFactsOf(opened(T0))) =>
  ({ type: 'applySettings', id: `told:${policy.id}`, effectId: null, policy, supportType: null, facts }) as const;

describe('a change of what decides the policy', () => {
  test.each([
    ['priority', change({ priority: 'urgent' })],
    ['severity', change({ severity: 'sev1' })],
    ['tags', change({ tags: ['vip'] })],
    ['type', change({ supportType: REFUNDS })],
  ])('looks the settings up: %s', (_name, command) => {
    const changed = taken(opened(T0), command, T0 + HOUR);
    expect(types(changed)).toEqual(['ticket.changed']);
    expect(owed(changed.ticket)).toContain('settings');
  });

  test('moves the deadlines once they are found, with what was counted', () => {
    const ticket = taken(opened(T0), change({ priority: 'high' }), T0 + HOUR).ticket;
    expect(ticket.clocks).toEqual(opened(T0).clocks);
    const applied = settled(ticket, 'settings', lookedUp(POLICY), T0 + HOUR);
    expect(types(applied)).toEqual(['sla.policyApplied']);
    expect(applied.ticket.clocks).toMatchObject({
      firstResponse: { dueAt: T0 + POLICY.targets.firstResponse.high },
      resolution: { dueAt: T0 + POLICY.targets.resolution.high },
    });
    expect(owed(applied.ticket)).not.toContain('settings');
  });

  test('while they are being looked up asks once more, and the older answer is not taken', () => {
    const first = taken(opened(T0), change({ priority: 'high' }), T0 + HOUR).ticket;
    const second = taken(first, change({ priority: 'urgent', severity: 'sev1' }), T0 + HOUR).ticket;
    expect(owed(second).filter((kind) => kind === 'settings')).toHaveLength(1);
    const asked = first.effects.find((effect) => effect.kind === 'settings');
    const stale = { ...told(POLICY, policyFactsOf(first)), id: 'answer', effectId: asked?.id ?? null };
    expect(decide(second, stale, T0 + HOUR)).toMatchObject({ refused: 'not_found' });
  });

  test('of words alone looks nothing up', () => {
    const changed = taken(opened(T0), change({ subjectTextId: 's', fieldsTextId: 'f', teamId: 'legal' }), T0 + HOUR);
    expect(owed(changed.ticket)).not.toContain('settings');
    expect(changed.ticket.teamId).toBe('legal');
  });

  test('of the type moves the ticket to the type’s team, unless somebody gave it to another', () => {
    expect(taken(opened(T0), change({ supportType: REFUNDS }), T0).ticket.teamId).toBe('billing');
    const given = taken(opened(T0), change({ teamId: 'legal' }), T0).ticket;
    expect(taken(given, change({ supportType: REFUNDS }), T0).ticket.teamId).toBe('legal');
  });

  test('is refused once the ticket is closed, or went into another', () => {
    for (const command of [status('closed'), merge()]) {
      const ended = taken(opened(T0), command, T0).ticket;
      expect(decide(ended, change({ priority: 'high' }), T0)).toMatchObject({ refused: 'ticket_closed' });
    }
  });
});

describe('a change of the settings themselves', () => {
  test('moves the deadlines of a ticket to which they apply', () => {
    const applied = taken(opened(T0), told(QUICK), T0 + HOUR);
    expect(types(applied)).toEqual(['sla.policyApplied']);
    expect(applied.ticket.clocks.firstResponse?.dueAt).toBe(T0 + 2 * HOUR);
    expect(applied.ticket.policy?.id).toBe('quick');
  });

  test('found for what the ticket was before is looked up again', () => {
    const tagged = taken(opened(T0), change({ tags: ['vip'] }), T0).ticket;
    const applied = taken(tagged, told(QUICK), T0 + HOUR);
    expect([types(applied), owed(applied.ticket)]).toEqual([[], expect.arrayContaining(['settings'])]);
    expect(applied.ticket.clocks).toEqual(tagged.clocks);
  });

  test('that comes after a newer one is not taken', () => {
    const newer = taken(opened(T0), told(QUICK), T0 + HOUR).ticket;
    const older = taken(newer, told(POLICY), T0 + HOUR).ticket;
    expect(older.policy?.id).toBe('quick');
    expect(older.clocks).toEqual(newer.clocks);
  });

  test('takes a target off that is set no longer, and sets one that is new from the ticket’s beginning', () => {
    const none = { ...QUICK, id: 'none', version: 3, targets: { ...QUICK.targets, resolution: null } };
    const without = taken(opened(T0), { ...told(QUICK), id: 'x', policy: none }, T0 + HOUR);
    expect(types(without)).toContain('sla.cancelled');
    expect(without.ticket.clocks.resolution).toBeNull();
    const back = { ...told(QUICK), id: 'y', policy: { ...QUICK, version: 4 } };
    const again = taken(without.ticket, back, T0 + 2 * HOUR);
    expect(types(again)).toContain('sla.activated');
    expect(again.ticket.clocks.resolution?.startedAt).toBe(T0);
  });

  test('leaves a ticket alone on which the work is done', () => {
    const done = taken(opened(T0), status('resolved'), T0 + HOUR).ticket;
    expect(taken(done, told(QUICK), T0 + HOUR).ticket.clocks).toEqual(done.clocks);
  });
});
