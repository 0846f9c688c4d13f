import { describe, expect, test } from 'vitest';
import { agenda } from '../../../domain/agenda.ts';
import { decide } from '../../../domain/decide.ts';
import { isOver, isWaiting, seatOf } from '../../../domain/ticket.ts';
import { DAY, HOUR } from '../minute-oracle.ts';
import { ADA, arrival, byAda, drafted, lookedUp, merge, opened, owed, POLICY, reply, REFUNDS } from '../tickets.ts';
import { settled, started, status, T0, taken, triaged, types } from '../tickets.ts';

const unmerge = { type: 'unmerge', ...byAda('unmerge') } as const;
const assign = { type: 'assign', ...byAda('assign'), agentId: 'ben', handOut: false, why: 'Knows the case.' } as const;

const held = () => taken(opened(T0), assign, T0 + 1000).ticket;

describe('a ticket that goes into another', () => {
  test('is closed with its clocks standing still, takes nobody’s capacity, and the other one is told', () => {
    const merged = taken(held(), merge(), T0 + HOUR);
    expect(types(merged)).toEqual(['ticket.merged', 'sla.paused']);
    expect(merged.ticket).toMatchObject({ status: 'closed', assigneeId: 'ben', merged: { statusBefore: 'open' } });
    expect(seatOf(merged.ticket)).toBeNull();
    expect(isOver(merged.ticket)).toBe(false);
    expect(merged.ticket.effects).toMatchObject([
      { kind: 'tell', ticketId: 'other', fromNumber: 1001, released: false },
    ]);
  });

  test('lets its draft and whatever was being done for it go', () => {
    const ticket = settled(started(T0), 'draft', drafted('d1', 'm1'), T0 + 1000).ticket;
    const merged = taken(ticket, merge(), T0 + HOUR);
    expect(types(merged)).toContain('draft.stale');
    expect(owed(merged.ticket)).toEqual(['tell']);
    const late = triaged('urgent')({ id: 'answer:triage:m1', effectId: 'triage:m1' }, merged.ticket);
    expect(decide(merged.ticket, late, T0 + 2 * HOUR)).toMatchObject({ refused: 'not_found' });
  });

  test.each([
    ['message', arrival('m2', T0 + 2 * HOUR), 'ticket_merged'],
    ['reply', reply('r1'), 'ticket_merged'],
    ['step', status('open'), 'illegal_transition'],
    ['second merge', merge({ id: 'again' }), 'illegal_transition'],
    ['assignment', { ...assign, id: 'again', agentId: 'ada' }, 'illegal_transition'],
  ])('takes no %s', (_name, command, refused) => {
    expect(decide(taken(held(), merge(), T0 + HOUR).ticket, command, T0 + 2 * HOUR)).toMatchObject({ refused });
  });

  test('is closed for good after thirty days', () => {
    const merged = taken(held(), merge(), T0).ticket;
    expect(agenda(merged)).toMatchObject([{ at: T0 + 30 * DAY, command: { type: 'settleMerge' } }]);
    const settle = { type: 'settleMerge', id: 's' } as const;
    expect(decide(merged, settle, T0 + 29 * DAY)).toMatchObject({ refused: 'not_merged' });
    const final = taken(merged, settle, T0 + 30 * DAY);
    expect(types(final)).toEqual(['sla.cancelled', 'ticket.closed']);
    expect([isOver(final.ticket), agenda(final.ticket)]).toEqual([true, []]);
    expect(final.ticket.merged).toMatchObject({ into: 'other', until: null });
    expect(decide(final.ticket, unmerge, T0 + 31 * DAY)).toMatchObject({ refused: 'not_merged' });
  });

  test.each([
    ['a resolved one', () => taken(opened(T0), status('resolved'), T0).ticket, 'illegal_transition', {}],
    ['one with a reply on its way', () => taken(opened(T0), reply('r1'), T0).ticket, 'illegal_transition', {}],
    ['one into itself', () => opened(T0), 'merge_refused', { into: 't' }],
  ])('is never %s', (_name, ticket, refused, over) => {
    expect(decide(ticket(), merge(over), T0 + HOUR)).toMatchObject({ refused });
  });

  test('is refused where the other one takes none', () => {
    expect(decide(held(), merge(), T0 + HOUR, true)).toMatchObject({
      refused: 'merge_refused',
      facts: { into: 'other' },
    });
  });
});

describe('a merge that is taken back', () => {
  const merged = () => taken(held(), merge(), T0 + HOUR).ticket;

  test('lets the ticket go on as it was, its clocks with what they had counted, and tells the other one', () => {
    const back = taken(merged(), unmerge, T0 + 5 * HOUR);
    expect(types(back)).toEqual(['ticket.unmerged', 'sla.resumed']);
    expect(back.ticket).toMatchObject({ status: 'open', assigneeId: 'ben', merged: null });
    expect(back.ticket.clocks.firstResponse?.dueAt).toBe(T0 + 12 * HOUR);
    expect(back.ticket.effects).toMatchObject([{ kind: 'tell', released: true, by: ADA }, { kind: 'settings' }]);
  });

  test('leaves the clocks of a ticket standing that waits on somebody else', () => {
    const pending = taken(opened(T0), status('on_hold'), T0 + HOUR).ticket;
    const back = taken(taken(pending, merge(), T0 + 2 * HOUR).ticket, unmerge, T0 + 3 * HOUR);
    expect(types(back)).toEqual(['ticket.unmerged']);
    expect(back.ticket.status).toBe('on_hold');
    expect(back.ticket.clocks).toEqual(pending.clocks);
  });

  test('where whoever had it has no room hands the ticket out, to them first', () => {
    const back = taken(merged(), unmerge, T0 + 5 * HOUR, true);
    expect(back.ticket).toMatchObject({ assigneeId: null, preferredAgentId: 'ben' });
    expect(isWaiting(back.ticket)).toBe(true);
  });

  test('brings the settings that were decided meanwhile', () => {
    const back = taken(merged(), unmerge, T0 + 5 * HOUR).ticket;
    const quicker = { ...POLICY, version: 2, targets: { ...POLICY.targets, firstResponse: POLICY.targets.resolution } };
    const applied = settled(back, 'settings', lookedUp(quicker, REFUNDS), T0 + 5 * HOUR);
    expect(applied.ticket.policy?.version).toBe(2);
  });

  test('of a ticket that was being triaged opens it', () => {
    const back = taken(taken(started(T0), merge(), T0 + 1000).ticket, unmerge, T0 + 2000).ticket;
    expect(back.status).toBe('open');
  });

  test('can be done again', () => {
    const back = taken(merged(), unmerge, T0 + 2 * HOUR).ticket;
    const again = taken(back, merge({ id: 'again' }), T0 + 3 * HOUR).ticket;
    expect(again.merged?.until).toBe(T0 + 3 * HOUR + 30 * DAY);
    expect(again.effects).toMatchObject([{ kind: 'tell', released: false }]);
  });

  test('of a ticket that went nowhere is refused', () => {
    expect(decide(held(), unmerge, T0 + HOUR)).toMatchObject({ refused: 'not_merged' });
  });
});

describe('belonging together', () => {
  const told = { id: 'tell:merge:from', from: 'from', fromNumber: 1003, by: ADA };

  test('is said on the timeline of the other ticket, once for each time', () => {
    const absorbed = taken(opened(T0), { type: 'absorb', ...told, released: false }, T0 + HOUR);
    expect(types(absorbed)).toEqual(['ticket.absorbed']);
    expect(types(taken(absorbed.ticket, { type: 'absorb', ...told, released: false }, T0 + HOUR))).toEqual([]);
    const released = { type: 'absorb', ...told, id: 'tell:unmerge:from', released: true } as const;
    expect(types(taken(absorbed.ticket, released, T0 + HOUR))).toEqual(['ticket.released']);
  });

  test('by a link or a split changes nothing but the timeline', () => {
    const ticket = opened(T0);
    const linked = taken(ticket, { type: 'link', ...byAda('l'), otherId: 'other', kind: 'blocks' }, T0 + HOUR);
    const unlinked = taken(
      linked.ticket,
      { type: 'unlink', ...byAda('u'), otherId: 'other', kind: 'blocks' },
      T0 + HOUR,
    );
    const split = taken(unlinked.ticket, { type: 'split', ...byAda('s'), into: 'new', messageIds: ['m1'] }, T0 + HOUR);
    expect([linked, unlinked, split].flatMap(types)).toEqual(['ticket.linked', 'ticket.unlinked', 'ticket.split']);
    expect(split.ticket).toMatchObject({ status: ticket.status, clocks: ticket.clocks, effects: ticket.effects });
  });

  test('of a ticket with itself is refused', () => {
    const link = { type: 'link', ...byAda('l'), otherId: 't', kind: 'related' } as const;
    expect(decide(opened(T0), link, T0 + HOUR)).toMatchObject({ refused: 'invalid_request' });
  });
});
