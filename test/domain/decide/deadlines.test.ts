import { describe, expect, test } from 'vitest';
import { agenda } from '../../../domain/agenda.ts';
import { decide } from '../../../domain/decide.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import { HOUR, MINUTE } from '../minute-oracle.ts';
import { answered, arrival, FAILED, opened, owed, paged, POLICY, reply, SENT } from '../tickets.ts';
import { settled, started, status, T0, taken, types } from '../tickets.ts';

/** What the agenda of `ticket` says is next, taken at its moment. */
function next(ticket: Ticket) {
  const [moment] = agenda(ticket);
  if (moment === undefined) throw new Error('Nothing is ahead.');
  return { ...taken(ticket, moment.command, moment.at), at: moment.at };
}

describe('the first response', () => {
  test('is at risk, then breached, then paged about', () => {
    const warned = next(started(T0));
    expect([types(warned), warned.at]).toEqual([['sla.warned'], T0 + 6 * HOUR]);
    const breached = next(warned.ticket);
    expect([types(breached), breached.at]).toEqual([['sla.breached'], T0 + 8 * HOUR]);
    expect(breached.ticket.effects.filter((effect) => effect.kind === 'page')).toMatchObject([
      { target: 'firstResponse', dueAt: T0 + 8 * HOUR, step: 0, page: POLICY.ladder[0].page },
    ]);
  });

  test('does not fall due before its time', () => {
    const breach = { type: 'breach', id: 'b', target: 'firstResponse' } as const;
    expect(decide(started(T0), breach, T0 + MINUTE)).toMatchObject({ refused: 'not_found' });
  });

  test('is given only when the vendor accepted the reply', () => {
    const replied = taken(opened(T0), reply('r1'), T0 + MINUTE).ticket;
    expect(agenda(replied)[0]?.command).toMatchObject({ type: 'warn', target: 'firstResponse' });
    const sent = settled(replied, 'send', SENT, T0 + 2 * MINUTE);
    expect(types(sent)).toEqual(['message.sent', 'sla.fulfilled', 'ticket.pending', 'sla.paused']);
    expect(sent.ticket).toMatchObject({ firstResponseAt: T0 + 2 * MINUTE, status: 'pending' });
    expect(agenda(sent.ticket)).toEqual([]);
  });

  test('is not given by an automatic acknowledgement', () => {
    const replied = taken(opened(T0), reply('r1', { acknowledgement: true }), T0 + MINUTE).ticket;
    const sent = settled(replied, 'send', SENT, T0 + 2 * MINUTE);
    expect(types(sent)).toEqual(['message.sent']);
    expect(sent.ticket).toMatchObject({ firstResponseAt: null, status: 'open' });
    expect(sent.ticket.clocks).toEqual(replied.clocks);
  });

  test('is still owed when the vendor refused the reply, and the ticket stays in a person’s hands', () => {
    const replied = taken(opened(T0), reply('r1'), T0 + MINUTE).ticket;
    const failed = settled(replied, 'send', FAILED, T0 + 2 * MINUTE);
    expect(types(failed)).toEqual(['message.failed']);
    expect(failed.ticket.status).toBe('open');
    expect(agenda(failed.ticket)).not.toEqual([]);
  });

  test('that comes late is said to be late', () => {
    const late = next(next(started(T0)).ticket).ticket;
    const sent = settled(taken(late, reply('r1'), T0 + 9 * HOUR).ticket, 'send', SENT, T0 + 9 * HOUR);
    expect(sent.events.find((event) => event.type === 'sla.fulfilled')?.data).toMatchObject({ late: true });
  });
});

describe('clocks', () => {
  test.each(['pending', 'on_hold'] as const)('stand still while the ticket is %s, and then go on', (waiting) => {
    const held = taken(opened(T0), status(waiting), T0 + HOUR);
    expect(types(held)).toContain('sla.paused');
    expect(agenda(held.ticket)).toEqual([]);
    const back = taken(held.ticket, status('open'), T0 + 3 * HOUR);
    expect(types(back)).toEqual(['ticket.opened', 'sla.resumed']);
    expect(back.ticket.clocks.firstResponse?.dueAt).toBe(T0 + 10 * HOUR);
    expect(back.ticket.clocks.resolution?.dueAt).toBe(T0 + 74 * HOUR);
  });

  test('stay where they are when a ticket goes from one waiting status to the other', () => {
    const pending = taken(opened(T0), status('pending'), T0 + HOUR).ticket;
    const held = taken(pending, status('on_hold'), T0 + 2 * HOUR);
    expect(types(held)).toEqual(['ticket.onHold']);
    expect(held.ticket.clocks).toEqual(pending.clocks);
  });

  test('end with the resolution', () => {
    const resolved = taken(opened(T0), status('resolved'), T0 + HOUR);
    expect(types(resolved)).toEqual(['ticket.resolved', 'sla.fulfilled', 'sla.cancelled']);
    expect(resolved.ticket.clocks).toMatchObject({ firstResponse: null, resolution: { fulfilledAt: T0 + HOUR } });
    expect(owed(resolved.ticket)).toEqual([]);
  });

  test('of two messages of the same second are two, though the first was breached and answered', () => {
    const [wroteAt, cameAt] = [T0 + HOUR, T0 + 20 * HOUR];
    let ticket = answered(opened(T0), T0 + MINUTE);
    for (const message of ['m2', 'm3']) {
      ticket = taken(ticket, arrival(message, wroteAt), cameAt).ticket;
      const warned = next(ticket);
      const breached = next(warned.ticket);
      const paging = settled(breached.ticket, 'page', paged(['slack']), cameAt);
      expect([warned, breached, paging].flatMap(types)).toEqual(['sla.warned', 'sla.breached', 'escalation.paged']);
      expect(owed(paging.ticket)).not.toContain('page');
      ticket = answered(paging.ticket, cameAt, `to-${message}`);
    }
  });
});
