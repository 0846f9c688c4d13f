import { describe, expect, test } from 'vitest';
import { agenda } from '../../../domain/agenda.ts';
import { decide } from '../../../domain/decide.ts';
import { isOver, isWaiting } from '../../../domain/ticket.ts';
import { DAY, HOUR } from '../minute-oracle.ts';
import { answered, arrival, byAda, opened, owed, POLICY, REFUNDS } from '../tickets.ts';
import { started, status, T0, taken, types } from '../tickets.ts';

const assign = { type: 'assign', ...byAda('assign'), agentId: 'ben', handOut: false, why: 'Knows the case.' } as const;
const resolved = () => taken(taken(opened(T0), assign, T0 + 1000).ticket, status('resolved'), T0 + HOUR).ticket;

describe('a step in a ticket’s life', () => {
  test('that the table does not allow is refused, naming those that it does', () => {
    const decision = decide(resolved(), status('pending'), T0 + 2 * HOUR);
    expect(decision).toMatchObject({ refused: 'illegal_transition', facts: { allowed: ['open', 'closed'] } });
  });

  test('to resolved needs a reason where the type asks for one', () => {
    const ticket = opened(T0, { supportType: { ...REFUNDS, reasonRequired: true } });
    expect(decide(ticket, status('resolved'), T0 + HOUR)).toMatchObject({ refused: 'reason_required' });
    const done = taken(ticket, status('resolved', { reasonTextId: 'refunded' }), T0 + HOUR);
    expect(done.events[0]).toMatchObject({ type: 'ticket.resolved', data: { reasonTextId: 'refunded' } });
  });

  test('by hand to escalated keeps the clocks running', () => {
    const escalated = taken(opened(T0), status('escalated'), T0 + HOUR);
    expect(types(escalated)).toEqual(['ticket.escalated']);
    expect(escalated.ticket.clocks).toEqual(opened(T0).clocks);
  });
});

describe('a resolved ticket', () => {
  test('closes by itself when its type’s days have passed, and is over', () => {
    const ticket = taken(opened(T0, { supportType: REFUNDS }), status('resolved'), T0 + HOUR).ticket;
    expect(agenda(ticket)).toMatchObject([{ at: T0 + HOUR + 5 * DAY, command: { type: 'autoClose' } }]);
    const close = { type: 'autoClose', id: 'a' } as const;
    expect(decide(ticket, close, T0 + 4 * DAY)).toMatchObject({ refused: 'not_found' });
    const closed = taken(ticket, close, T0 + HOUR + 5 * DAY).ticket;
    expect([closed.status, isOver(closed)]).toEqual(['closed', true]);
  });

  test('without a type closes after a week', () => {
    expect(agenda(resolved())).toMatchObject([{ at: T0 + HOUR + 7 * DAY }]);
  });

  test('is reopened by the customer: a full target again, and whoever had it has it', () => {
    const reopened = taken(resolved(), arrival('m2', T0 + DAY), T0 + DAY);
    expect(types(reopened).slice(0, 3)).toEqual(['message.received', 'ticket.reopened', 'sla.activated']);
    expect(reopened.ticket).toMatchObject({ status: 'open', assigneeId: 'ben', resolvedAt: null });
    expect(reopened.ticket.clocks.resolution?.dueAt).toBe(T0 + DAY + POLICY.targets.resolution.normal);
    expect(agenda(reopened.ticket).map(({ command }) => command.type)).not.toContain('autoClose');
  });

  test('reopened while whoever had it has no room is nobody’s, and goes to them first', () => {
    const reopened = taken(resolved(), arrival('m2', T0 + DAY), T0 + DAY, true);
    expect(types(reopened)).toContain('ticket.unassigned');
    expect(reopened.ticket).toMatchObject({ assigneeId: null, preferredAgentId: 'ben' });
    expect(isWaiting(reopened.ticket)).toBe(true);
  });

  test('reopened owes an answer to the new message, though an older one was late and never given', () => {
    const asked = taken(answered(opened(T0), T0 + HOUR), arrival('m2', T0 + 2 * HOUR), T0 + 2 * HOUR).ticket;
    const late = taken(asked, { type: 'breach', id: 'b', target: 'nextResponse' }, T0 + 12 * HOUR).ticket;
    const done = taken(late, status('resolved'), T0 + 13 * HOUR).ticket;
    const again = taken(done, arrival('m3', T0 + 14 * HOUR), T0 + 14 * HOUR).ticket;
    expect(again.clocks.nextResponse).toMatchObject({ startedAt: T0 + 14 * HOUR, breachedAt: null });
  });

  test('reopened before it was ever answered owes a first response still', () => {
    const again = taken(resolved(), arrival('m2', T0 + DAY), T0 + DAY).ticket;
    expect(again.clocks).toMatchObject({ firstResponse: { startedAt: T0 + DAY }, nextResponse: null });
  });

  test('reopened by hand begins with a full target too', () => {
    const reopened = taken(resolved(), status('open'), T0 + DAY);
    expect(types(reopened)).toEqual(['ticket.reopened', 'sla.activated']);
    expect(reopened.ticket.clocks.resolution?.startedAt).toBe(T0 + DAY);
  });
});

describe('a closed ticket', () => {
  const closed = () => taken(taken(started(T0), assign, T0).ticket, status('closed'), T0 + HOUR).ticket;

  test('owes nothing and has nothing ahead', () => {
    expect([owed(closed()), agenda(closed()), closed().draft]).toEqual([[], [], null]);
  });

  test('is taken from nobody, and given to nobody', () => {
    const unassign = { type: 'unassign', ...byAda('u'), agentId: null, why: 'Left.' } as const;
    expect(decide(closed(), unassign, T0 + DAY)).toMatchObject({ refused: 'ticket_closed' });
    expect(decide(closed(), { ...assign, id: 'again' }, T0 + DAY)).toMatchObject({ refused: 'illegal_transition' });
  });
});
