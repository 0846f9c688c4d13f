import { describe, expect, test } from 'vitest';
import { decide } from '../../../domain/decide.ts';
import { blankTicket } from '../../../domain/ticket.ts';
import { MINUTE } from '../minute-oracle.ts';
import {
  another,
  answered,
  arrival,
  decision,
  drafted,
  merge,
  opened,
  owed,
  REFUNDS,
  reply,
  settled,
  started,
  status,
  T0,
  taken,
  types,
} from '../tickets.ts';

const proposed = () => settled(started(T0), 'draft', drafted('d1', 'm1'), T0 + 1000).ticket;

describe('a draft', () => {
  test('approved goes out once, and whoever approved has the ticket', () => {
    const outcome = taken(proposed(), decision(), T0 + 2000);
    expect(types(outcome)).toEqual(['draft.decided', 'ticket.assigned', 'message.sending']);
    expect(outcome.ticket).toMatchObject({ assigneeId: 'ada', draft: null });
  });

  test('approved by somebody without room goes out all the same, and the ticket stays nobody’s', () => {
    const outcome = taken(proposed(), decision(), T0 + 2000, true);
    expect(types(outcome)).toEqual(['draft.decided', 'message.sending']);
    expect(outcome.ticket.assigneeId).toBeNull();
  });

  test('approved for later waits, and can be taken back', () => {
    const waiting = taken(proposed(), decision({ sendAt: T0 + MINUTE }), T0 + 2000);
    expect(types(waiting)).toEqual(['draft.decided', 'ticket.assigned', 'message.scheduled']);
    expect(waiting.ticket.outbox).toMatchObject([{ messageId: 'r1', draftId: 'd1', textId: 'text-of-d1' }]);
  });

  test('edited goes out in its new words', () => {
    const { ticket } = taken(proposed(), decision({ decision: 'edit', textId: 'mended' }), T0 + 2000);
    expect(ticket.effects).toMatchObject([{ kind: 'triage' }, { kind: 'send', textId: 'mended' }]);
  });

  test('edited without a text is refused', () => {
    expect(decide(proposed(), decision({ decision: 'edit' }), T0)).toMatchObject({ refused: 'invalid_request' });
  });

  test('discarded sends nothing', () => {
    const outcome = taken(proposed(), decision({ decision: 'discard' }), T0 + 2000);
    expect(types(outcome)).toEqual(['draft.decided']);
    expect(owed(outcome.ticket)).toEqual(['triage']);
  });

  test('decided a second time is refused, naming who was first', () => {
    const after = taken(proposed(), decision(), T0 + 2000).ticket;
    expect(decide(after, decision({ id: 'c2', decision: 'discard' }), T0 + 3000)).toMatchObject({
      refused: 'draft_stale',
      facts: { decision: 'approve', decidedBy: 'ada' },
    });
  });

  test('is stale once the customer has written again, or a person has answered', () => {
    const newer = taken(proposed(), arrival('m2', T0 + 2000), T0 + 2000);
    expect(types(newer)).toContain('draft.stale');
    expect(decide(newer.ticket, decision(), T0 + 3000)).toMatchObject({ refused: 'draft_stale' });
    expect(types(taken(proposed(), reply('r1'), T0 + 2000))).toContain('draft.stale');
  });

  test('outlives an automatic acknowledgement, which answers nobody', () => {
    const outcome = taken(proposed(), reply('r1', { acknowledgement: true }), T0 + 2000);
    expect(types(outcome)).toEqual(['message.sending']);
    expect(outcome.ticket).toMatchObject({ draft: { id: 'd1' }, assigneeId: null });
  });

  test('for an older message that comes too late is refused', () => {
    const newer = taken(started(T0), arrival('m2', T0 + 500), T0 + 500).ticket;
    const late = drafted('d1', 'm1')({ id: 'answer:draft:m1', effectId: 'draft:m1' });
    expect(decide(newer, late, T0 + 1000)).toMatchObject({ refused: 'not_found' });
  });
});

describe('another draft', () => {
  test('is written for the newest message, the timeline says who asked, and the one that waited is stale', () => {
    const { ticket, events } = taken(proposed(), another('d2'), T0 + 2000);
    expect(events).toMatchObject([
      { type: 'draft.requested', actor: { kind: 'agent', id: 'ada' }, data: { draftId: 'd2', messageId: 'm1' } },
      { type: 'draft.stale', data: { draftId: 'd1' } },
    ]);
    expect(owed(ticket)).toEqual(['triage', 'draft']);
    expect(decide(ticket, decision(), T0 + 3000)).toMatchObject({ refused: 'draft_stale' });
    const written = settled(ticket, 'draft', drafted('d2', 'm1'), T0 + 3000);
    expect(types(written)).toEqual(['draft.proposed']);
    expect(types(taken(written.ticket, decision({ draftId: 'd2' }), T0 + 4000))).toContain('message.sending');
  });

  test('is a work of its own: what comes late of the first is not taken for it', () => {
    const { ticket } = taken(proposed(), another('d2'), T0 + 2000);
    const ofFirst = drafted('d1', 'm1')({ id: 'answer:draft:m1', effectId: 'draft:m1' });
    expect(taken(ticket, ofFirst, T0 + 3000)).toEqual({ ticket, events: [] });
    expect(decide(ticket, { ...ofFirst, id: 'anew' }, T0 + 3000)).toMatchObject({ refused: 'not_found' });
  });

  test.each([
    ['has none yet', () => taken(proposed(), decision({ decision: 'discard' }), T0 + 2000).ticket],
    ['was answered', () => answered(proposed(), T0 + 2000)],
    ['waits on somebody else', () => taken(proposed(), status('on_hold'), T0 + 2000).ticket],
    ['was reopened', () => taken(taken(proposed(), status('resolved'), T0 + 2000).ticket, status('open'), T0).ticket],
  ])('can be had of a ticket that %s', (_, ticketOf) => {
    const outcome = taken(ticketOf(), another('d2'), T0 + 3000);
    expect([types(outcome)[0], owed(outcome.ticket).filter((kind) => kind === 'draft')]).toEqual([
      'draft.requested',
      ['draft'],
    ]);
  });

  test('is let go when the customer writes, when somebody answers, and when the work is done', () => {
    const { ticket } = taken(proposed(), another('d2'), T0 + 2000);
    for (const next of [arrival('m2', T0 + 3000), reply('r1'), status('resolved'), merge()]) {
      const { effects } = taken(ticket, next, T0 + 3000).ticket;
      expect(effects.filter(({ id }) => id === 'draft:d2')).toEqual([]);
    }
  });

  test('is refused while one is being written, naming it where somebody asked for it', () => {
    const first = decide(started(T0), another('d2'), T0 + 1000);
    expect(first).toMatchObject({ refused: 'illegal_transition', facts: { status: 'triaging', draftId: null } });
    const asked = taken(proposed(), another('d2'), T0 + 2000).ticket;
    const second = decide(asked, another('d3'), T0 + 3000);
    expect(second).toMatchObject({ refused: 'illegal_transition', facts: { draftId: 'd2' } });
    expect(second).toHaveProperty('detail', expect.stringMatching(/being written already/));
  });

  test('is refused when nobody waits for an answer, and says what to do instead', () => {
    const resolved = taken(proposed(), status('resolved'), T0 + 2000).ticket;
    expect(decide(resolved, another('d2'), T0 + 3000)).toMatchObject({
      refused: 'illegal_transition',
      detail: expect.stringMatching(/resolved.*reopen it/),
      facts: { status: 'resolved', allowed: ['open', 'closed'] },
    });
    const closed = taken(proposed(), status('closed'), T0 + 2000).ticket;
    expect(decide(closed, another('d2'), T0 + 3000)).toMatchObject({ refused: 'ticket_closed' });
    const merged = taken(proposed(), merge(), T0 + 2000).ticket;
    expect(decide(merged, another('d2'), T0 + 3000)).toMatchObject({
      refused: 'ticket_merged',
      facts: { into: 'other' },
    });
  });

  test('is refused of a type for which none are written, and of a ticket without a customer’s message', () => {
    const off = opened(T0, { supportType: { ...REFUNDS, autonomy: 'off' } });
    expect(decide(off, another('d2'), T0 + 2000)).toMatchObject({
      refused: 'illegal_transition',
      detail: expect.stringMatching(/autonomy is "off"/),
      facts: { status: 'open', supportType: 'refunds' },
    });
    expect(decide({ ...proposed(), newestMessageId: null }, another('d2'), T0)).toMatchObject({
      refused: 'illegal_transition',
      detail: expect.stringMatching(/no message/),
    });
    expect(decide(blankTicket('t', 1001), another('d2'), T0)).toMatchObject({ refused: 'not_found' });
  });
});
