import { describe, expect, test } from 'vitest';
import { agenda } from '../../../domain/agenda.ts';
import { decide } from '../../../domain/decide.ts';
import { isWaiting } from '../../../domain/ticket.ts';
import { HOUR } from '../minute-oracle.ts';
import { arrival, byAda, opened, REFUNDS, status, T0, taken, types } from '../tickets.ts';

const snooze = (until: number | null) => ({ type: 'snooze', ...byAda('snooze'), until }) as const;
const unsnooze = { type: 'unsnooze', ...byAda('unsnooze') } as const;
const snoozed = (until: number | null) => taken(opened(T0, { supportType: REFUNDS }), snooze(until), T0 + HOUR).ticket;

describe('a snoozed ticket', () => {
  test('is not handed out, and its clocks go on', () => {
    const ticket = opened(T0, { supportType: REFUNDS });
    expect(isWaiting(ticket)).toBe(true);
    expect(isWaiting(snoozed(null))).toBe(false);
    expect(snoozed(null).clocks).toEqual(ticket.clocks);
  });

  test('wakes at its time and not before', () => {
    const ticket = snoozed(T0 + 3 * HOUR);
    expect(agenda(ticket)[0]).toMatchObject({ at: T0 + 3 * HOUR, command: { type: 'wake' } });
    expect(decide(ticket, { type: 'wake', id: 'w' }, T0 + 2 * HOUR)).toMatchObject({ refused: 'not_snoozed' });
    const woken = taken(ticket, { type: 'wake', id: 'w' }, T0 + 3 * HOUR);
    expect(woken.events).toMatchObject([{ type: 'ticket.woken', data: { why: 'time' } }]);
    expect(woken.ticket.snoozed).toBeNull();
  });

  test('until the next message has no time to wake at', () => {
    expect(agenda(snoozed(null)).map(({ command }) => command.type)).not.toContain('wake');
    expect(decide(snoozed(null), { type: 'wake', id: 'w' }, T0 + 9 * HOUR)).toMatchObject({ refused: 'not_snoozed' });
  });

  test.each([null, T0 + 3 * HOUR])('is woken by the customer, whatever it waits for: %s', (until) => {
    const woken = taken(snoozed(until), arrival('m2', T0 + 2 * HOUR), T0 + 2 * HOUR);
    expect(woken.events).toContainEqual(expect.objectContaining({ type: 'ticket.woken', data: { why: 'message' } }));
    expect(woken.ticket.snoozed).toBeNull();
  });

  test('can be taken up by hand', () => {
    const woken = taken(snoozed(null), unsnooze, T0 + 2 * HOUR);
    expect(woken.events).toMatchObject([{ type: 'ticket.woken', data: { why: 'person' } }]);
    expect(decide(woken.ticket, { ...unsnooze, id: 'again' }, T0 + 2 * HOUR)).toMatchObject({ refused: 'not_snoozed' });
  });

  test('sleeps until the later time when it is snoozed again', () => {
    const again = taken(snoozed(T0 + 3 * HOUR), { ...snooze(T0 + 5 * HOUR), id: 'again' }, T0 + 2 * HOUR).ticket;
    expect(decide(again, { type: 'wake', id: 'w' }, T0 + 3 * HOUR)).toMatchObject({ refused: 'not_snoozed' });
    expect(taken(again, { type: 'wake', id: 'w' }, T0 + 5 * HOUR).ticket.snoozed).toBeNull();
  });

  test('that is resolved sleeps no more', () => {
    expect(types(taken(snoozed(null), status('resolved'), T0 + 2 * HOUR))).toContain('ticket.woken');
  });
});

test('a snooze that is over already, or of a ticket that is done, is refused', () => {
  expect(decide(opened(T0), snooze(T0 + HOUR), T0 + HOUR)).toMatchObject({ refused: 'invalid_request' });
  const done = taken(opened(T0), status('resolved'), T0).ticket;
  expect(decide(done, snooze(null), T0)).toMatchObject({ refused: 'illegal_transition' });
});
