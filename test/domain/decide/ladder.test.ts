import { describe, expect, test } from 'vitest';
import { agenda } from '../../../domain/agenda.ts';
import { decide } from '../../../domain/decide.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import { HOUR, MINUTE } from '../minute-oracle.ts';
import { answered, arrival, byAda, merge, opened, paged, reply, SENT } from '../tickets.ts';
import { settled, status, T0, taken, types } from '../tickets.ts';

const DUE = T0 + 8 * HOUR;

/** A ticket whose first response is late since `DUE`; its first page is on its way. */
function late(): Ticket {
  const warned = taken(opened(T0), { type: 'warn', id: 'w', target: 'firstResponse' }, T0 + 6 * HOUR).ticket;
  return taken(warned, { type: 'breach', id: 'b', target: 'firstResponse' }, DUE).ticket;
}

const climb = { type: 'climb', id: 'climb' } as const;
const acknowledge = { type: 'acknowledge', ...byAda('seen') } as const;

function ahead(ticket: Ticket): { type: string; at: number } | undefined {
  const [moment] = agenda(ticket);
  return moment && { type: moment.command.type, at: moment.at };
}

function steps(ticket: Ticket): number[] {
  return ticket.effects.flatMap((effect) => (effect.kind === 'page' ? effect.step : []));
}

describe('a breach', () => {
  test('pages at once by the first step, by the next when its delay has passed, and ends with the last', () => {
    const first = late();
    expect(steps(first)).toEqual([0]);
    expect(ahead(first)).toEqual({ type: 'climb', at: DUE + 15 * MINUTE });
    const second = taken(first, climb, DUE + 15 * MINUTE).ticket;
    expect(steps(second)).toEqual([0, 1]);
    expect(ahead(second)).toEqual({ type: 'climb', at: DUE + 45 * MINUTE });
    const third = taken(second, climb, DUE + 45 * MINUTE).ticket;
    expect(steps(third)).toEqual([0, 1, 2]);
    expect(ahead(third)?.type).not.toBe('climb');
    expect(decide(third, climb, DUE + 10 * HOUR)).toMatchObject({ refused: 'no_escalation' });
  });

  test('says on the timeline who was told', () => {
    const told = settled(late(), 'page', paged(['slack', 'agent:ada']), DUE + 1000);
    expect(told.events).toMatchObject([
      { type: 'escalation.paged', data: { step: 0, target: 'firstResponse', dueAt: DUE, to: ['slack', 'agent:ada'] } },
    ]);
    expect(ahead(told.ticket)).toEqual({ type: 'climb', at: DUE + 15 * MINUTE });
  });

  test('of which nobody could be told goes on to the next step at once', () => {
    const failed = settled(late(), 'page', paged([]), DUE + 1000);
    expect(types(failed)).toEqual(['escalation.failed']);
    expect(steps(failed.ticket)).toEqual([1]);
    expect(ahead(failed.ticket)).toEqual({ type: 'climb', at: DUE + 1000 + 30 * MINUTE });
  });

  test('of which nobody could be told after the next step was taken goes on no faster', () => {
    const second = taken(late(), climb, DUE + 15 * MINUTE).ticket;
    const failed = settled(second, 'page', paged([]), DUE + 16 * MINUTE);
    expect(steps(failed.ticket)).toEqual([1]);
    expect(ahead(failed.ticket)).toEqual(ahead(second));
  });

  test('of another target does not begin the ladder again while one is being climbed', () => {
    const both = taken(late(), { type: 'postpone', ...byAda('later'), minutes: 100 * 60 }, DUE + MINUTE).ticket;
    const resolution = taken(both, { type: 'breach', id: 'r', target: 'resolution' }, T0 + 72 * HOUR).ticket;
    expect(resolution.escalation?.target).toBe('firstResponse');
    expect(steps(resolution)).toEqual([0]);
  });

  test('whose page fails late does not hurry the ladder of another breach', () => {
    const seen = taken(late(), acknowledge, DUE + MINUTE).ticket;
    const resolution = taken(seen, { type: 'breach', id: 'r', target: 'resolution' }, T0 + 72 * HOUR).ticket;
    const old = { ...resolution, effects: [...late().effects, ...resolution.effects] };
    const failed = settled(old, 'page', paged([]), T0 + 72 * HOUR + 1000);
    expect(failed.ticket.escalation).toEqual(resolution.escalation);
  });
});

describe('whoever acknowledges it', () => {
  test('stops the ladder and the page that is still on its way', () => {
    const seen = taken(late(), acknowledge, DUE + MINUTE);
    expect(types(seen)).toEqual(['escalation.acknowledged']);
    expect(seen.ticket.escalation?.acknowledgedBy).toEqual({ kind: 'agent', id: 'ada' });
    expect(steps(seen.ticket)).toEqual([]);
    expect(ahead(seen.ticket)?.type).not.toBe('climb');
  });

  test('a second time, or where nothing is late, is told so', () => {
    const seen = taken(late(), acknowledge, DUE + MINUTE).ticket;
    const again = { ...acknowledge, id: 'again' };
    expect(decide(seen, again, DUE + 2 * MINUTE)).toMatchObject({ refused: 'no_escalation' });
    expect(decide(opened(T0), again, T0 + MINUTE)).toMatchObject({ refused: 'no_escalation' });
  });

  test('is paged anew for the next breach', () => {
    const seen = taken(late(), acknowledge, DUE + MINUTE).ticket;
    const resolution = taken(seen, { type: 'breach', id: 'r', target: 'resolution' }, T0 + 72 * HOUR).ticket;
    expect(resolution.escalation).toMatchObject({ target: 'resolution', acknowledgedBy: null });
    expect(steps(resolution)).toEqual([0]);
  });
});

describe('the ladder', () => {
  test('waits longer when somebody postpones it', () => {
    const later = taken(late(), { type: 'postpone', ...byAda('later'), minutes: 60 }, DUE + MINUTE);
    expect(later.events).toMatchObject([{ type: 'escalation.postponed', data: { until: DUE + 61 * MINUTE } }]);
    expect(ahead(later.ticket)).toEqual({ type: 'climb', at: DUE + 61 * MINUTE });
    expect(decide(later.ticket, climb, DUE + 15 * MINUTE)).toMatchObject({ refused: 'no_escalation' });
  });

  test('stops when what was owed is given', () => {
    const replied = taken(late(), reply('r1'), DUE + HOUR).ticket;
    const sent = settled(replied, 'send', SENT, DUE + HOUR);
    expect(types(sent)).toContain('escalation.stopped');
    expect(sent.ticket.escalation).toBeNull();
    expect(steps(sent.ticket)).toEqual([]);
  });

  test.each([
    ['the ticket is resolved', status('resolved')],
    ['the ticket is closed', status('closed')],
    ['the ticket goes into another', merge()],
  ])('stops when %s', (_name, command) => {
    const ended = taken(late(), command, DUE + HOUR);
    expect(types(ended)).toContain('escalation.stopped');
    expect(ended.ticket.escalation).toBeNull();
    expect(steps(ended.ticket)).toEqual([]);
  });

  test('is begun again for a later question whose answer is late', () => {
    const answeredLate = answered(late(), DUE + HOUR);
    const asked = taken(answeredLate, arrival('m2', DUE + 2 * HOUR), DUE + 2 * HOUR).ticket;
    const again = taken(asked, { type: 'breach', id: 'n', target: 'nextResponse' }, DUE + 12 * HOUR).ticket;
    expect(again.escalation).toMatchObject({ target: 'nextResponse', dueAt: DUE + 12 * HOUR, step: 1 });
  });
});
