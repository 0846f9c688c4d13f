import { describe, expect, test } from 'vitest';
import { decide } from '../../../domain/decide.ts';
import { MINUTE } from '../minute-oracle.ts';
import { arrival, decision, drafted, owed, reply, settled, started, T0, taken, types } from '../tickets.ts';

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
