import { describe, expect, test } from 'vitest';
import { decide } from '../../../domain/decide.ts';
import { isWaiting } from '../../../domain/ticket.ts';
import { HOUR } from '../minute-oracle.ts';
import { byAda, opened, REFUNDS, reply, status, T0, taken, types } from '../tickets.ts';

const give = (agentId: string, handOut = false) =>
  ({ type: 'assign', ...byAda(`to-${agentId}-${handOut}`), agentId, handOut, why: 'Least loaded.' }) as const;
const pass = (to: { agentId?: string; teamId?: string; note?: { messageId: string; textId: string } }) =>
  ({ type: 'transfer', ...byAda('pass'), agentId: null, teamId: null, note: null, ...to }) as const;
const handBack = (agentId: string | null) => ({ type: 'unassign', ...byAda('back'), agentId, why: 'Away.' }) as const;

const ticket = () => opened(T0, { supportType: REFUNDS });
const bens = () => taken(ticket(), give('ben'), T0 + HOUR).ticket;

describe('a ticket that is given to somebody', () => {
  test('is theirs, with the reason on the timeline', () => {
    const given = taken(ticket(), give('ben', true), T0 + HOUR);
    expect(given.events).toMatchObject([
      { type: 'ticket.assigned', data: { assigneeId: 'ben', before: null, why: 'Least loaded.', handOut: true } },
    ]);
    expect([isWaiting(ticket()), isWaiting(given.ticket)]).toEqual([true, false]);
  });

  test('is taken from somebody by a person, never by a hand-out', () => {
    expect(taken(bens(), give('eve'), T0 + HOUR).ticket.assigneeId).toBe('eve');
    const facts = { refused: 'already_assigned', facts: { assigneeId: 'ben' } };
    expect(decide(bens(), give('eve', true), T0 + HOUR)).toMatchObject(facts);
    expect(decide(bens(), { ...give('ben'), id: 'again' }, T0 + HOUR)).toMatchObject(facts);
  });

  test('is refused where they have no room', () => {
    expect(decide(ticket(), give('ben'), T0 + HOUR, true)).toMatchObject({ refused: 'agent_full' });
    expect(decide(ticket(), pass({ agentId: 'ben' }), T0 + HOUR, true)).toMatchObject({ refused: 'agent_full' });
  });

  test('that is done is refused', () => {
    const done = taken(ticket(), status('resolved'), T0).ticket;
    expect(decide(done, give('ben'), T0)).toMatchObject({ refused: 'illegal_transition' });
  });
});

describe('a ticket that is passed on', () => {
  test('to a team is nobody’s, and handed out there', () => {
    const passed = taken(bens(), pass({ teamId: 'legal', note: { messageId: 'n1', textId: 'x' } }), T0 + HOUR);
    expect(types(passed)).toEqual(['note.added', 'ticket.transferred']);
    expect(passed.ticket).toMatchObject({ assigneeId: null, teamId: 'legal', preferredAgentId: null });
    expect(isWaiting(passed.ticket)).toBe(true);
  });

  test('to an agent is theirs and keeps its team', () => {
    const passed = taken(bens(), pass({ agentId: 'eve' }), T0 + HOUR).ticket;
    expect(passed).toMatchObject({ assigneeId: 'eve', teamId: 'billing' });
    expect(decide(bens(), pass({ agentId: 'ben' }), T0 + HOUR)).toMatchObject({ refused: 'already_assigned' });
  });
});

describe('a ticket that is given back', () => {
  test('waits to be handed out again, with no preference', () => {
    const back = taken(bens(), handBack('ben'), T0 + HOUR).ticket;
    expect(back).toMatchObject({ assigneeId: null, preferredAgentId: null });
    expect(isWaiting(back)).toBe(true);
  });

  test('by somebody who has lost it meanwhile stays with whoever has it', () => {
    expect(decide(bens(), handBack('eve'), T0 + HOUR)).toMatchObject({ refused: 'not_assigned' });
    expect(decide(ticket(), handBack(null), T0 + HOUR)).toMatchObject({ refused: 'not_assigned' });
  });
});

test('whoever answers a ticket that is nobody’s has taken it, where there is room', () => {
  expect(taken(ticket(), reply('r1'), T0 + HOUR).ticket.assigneeId).toBe('ada');
  const full = taken(ticket(), reply('r1'), T0 + HOUR, true);
  expect(types(full)).toEqual(['message.sending']);
  expect(taken(bens(), reply('r1'), T0 + HOUR).ticket.assigneeId).toBe('ben');
});
