import { describe, expect, test } from 'vitest';
import { agenda } from '../../../domain/agenda.ts';
import { decide } from '../../../domain/decide.ts';
import { DAY, HOUR, MINUTE } from '../minute-oracle.ts';
import { arrival, byAda, FAILED, merge, opened, owed, reply, SENT } from '../tickets.ts';
import { settled, status, T0, taken, types } from '../tickets.ts';

const undo = { type: 'undoSend', ...byAda('undo'), messageId: 'r1' } as const;
const due = { type: 'sendDue', id: 'due', messageId: 'r1' } as const;
const scheduled = () => taken(opened(T0), reply('r1', { sendAt: T0 + 2 * MINUTE }), T0 + MINUTE);

describe('a reply that waits', () => {
  test('goes out at its time and not before', () => {
    const waiting = scheduled();
    expect(types(waiting)).toEqual(['ticket.assigned', 'message.scheduled']);
    expect(owed(waiting.ticket)).not.toContain('send');
    expect(agenda(waiting.ticket)[0]).toMatchObject({ at: T0 + 2 * MINUTE, command: { type: 'sendDue' } });
    expect(decide(waiting.ticket, due, T0 + 2 * MINUTE - 1)).toMatchObject({ refused: 'not_found' });
    const gone = taken(waiting.ticket, due, T0 + 2 * MINUTE);
    expect(gone.events).toMatchObject([{ type: 'message.sending', data: { messageId: 'r1', scheduled: true } }]);
    expect(gone.ticket.outbox).toEqual([]);
    expect(owed(gone.ticket)).toContain('send');
  });

  test('can be taken back, and is then never sent', () => {
    const undone = taken(scheduled().ticket, undo, T0 + 90_000);
    expect(types(undone)).toEqual(['message.undone']);
    expect(undone.ticket.outbox).toEqual([]);
    expect(decide(undone.ticket, due, T0 + HOUR)).toMatchObject({ refused: 'not_found' });
  });

  test('cannot be taken back once it is on its way', () => {
    const gone = taken(scheduled().ticket, due, T0 + 2 * MINUTE).ticket;
    expect(decide(gone, undo, T0 + 3 * MINUTE)).toMatchObject({ refused: 'too_late' });
  });

  test('goes out in the order of the times, whichever was written first', () => {
    const second = taken(scheduled().ticket, reply('r2', { sendAt: T0 + 90_000 }), T0 + MINUTE).ticket;
    expect(second.outbox.map(({ messageId }) => messageId)).toEqual(['r2', 'r1']);
  });

  test('answers what had been written when it goes out, so that a message that came meanwhile is answered too', () => {
    const newer = taken(scheduled().ticket, arrival('m2', T0 + 70_000), T0 + 70_000).ticket;
    const sent = settled(taken(newer, due, T0 + 2 * MINUTE).ticket, 'send', SENT, T0 + 3 * MINUTE);
    expect(sent.ticket.status).toBe('pending');
  });

  test('keeps its ticket from being closed, from closing by itself and from going into another', () => {
    const waiting = taken(opened(T0), reply('r1', { sendAt: T0 + 20 * DAY }), T0 + MINUTE).ticket;
    for (const command of [status('closed'), merge()]) {
      expect(decide(waiting, command, T0 + HOUR)).toMatchObject({ refused: 'illegal_transition' });
    }
    const resolved = taken(waiting, status('resolved'), T0 + HOUR).ticket;
    expect(agenda(resolved).map(({ command }) => command.type)).toEqual(['sendDue']);
    expect(decide(resolved, { type: 'autoClose', id: 'a' }, T0 + 19 * DAY)).toMatchObject({ refused: 'not_found' });
    const sent = settled(taken(resolved, due, T0 + 20 * DAY).ticket, 'send', SENT, T0 + 20 * DAY).ticket;
    expect(agenda(sent)).toMatchObject([{ command: { type: 'autoClose' } }]);
  });

  test('whose time has passed already goes out at once', () => {
    expect(types(taken(opened(T0), reply('r1', { sendAt: T0 }), T0 + MINUTE))).toContain('message.sending');
  });
});

describe('a reply that the vendor refused', () => {
  test('brings a ticket that waits on the customer back into a person’s hands, its clocks going on', () => {
    const pending = taken(taken(opened(T0), reply('r1'), T0 + MINUTE).ticket, status('pending'), T0 + MINUTE).ticket;
    const failed = settled(pending, 'send', FAILED, T0 + HOUR);
    expect(types(failed)).toEqual(['message.failed', 'ticket.opened', 'sla.resumed']);
  });

  test('reopens a ticket that was resolved meanwhile', () => {
    const resolved = taken(taken(opened(T0), reply('r1'), T0 + MINUTE).ticket, status('resolved'), T0 + MINUTE).ticket;
    const failed = settled(resolved, 'send', FAILED, T0 + HOUR);
    expect(types(failed)).toEqual(['message.failed', 'ticket.reopened', 'sla.activated']);
    expect(failed.ticket).toMatchObject({ status: 'open', assigneeId: 'ada' });
  });
});

describe('a reply that was accepted', () => {
  test('while its ticket waits again by a person’s word sets the clock of a newer message standing still', () => {
    const crossed = taken(taken(opened(T0), reply('r1'), T0 + HOUR).ticket, arrival('m2', T0 + HOUR), T0 + HOUR).ticket;
    const held = taken(crossed, status('on_hold'), T0 + HOUR).ticket;
    const sent = settled(held, 'send', SENT, T0 + 2 * HOUR).ticket;
    expect(sent.clocks.nextResponse).toMatchObject({ since: null, dueAt: null });
  });

  test('after its ticket was resolved sets no clock at all', () => {
    const crossed = taken(taken(opened(T0), reply('r1'), T0 + HOUR).ticket, arrival('m2', T0 + HOUR), T0 + HOUR).ticket;
    const resolved = taken(crossed, status('resolved'), T0 + HOUR).ticket;
    expect(settled(resolved, 'send', SENT, T0 + 2 * HOUR).ticket.clocks.nextResponse).toBeNull();
  });
});

test('a note goes nowhere and changes no clock', () => {
  const ticket = opened(T0);
  const noted = taken(ticket, { type: 'addNote', ...byAda('n'), messageId: 'n1', textId: 'x' }, T0 + HOUR);
  expect(types(noted)).toEqual(['note.added']);
  expect([noted.ticket.clocks, owed(noted.ticket)]).toEqual([ticket.clocks, owed(ticket)]);
});
