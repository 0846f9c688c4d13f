import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agenda } from '../../domain/agenda.ts';
import type { Command } from '../../domain/commands.ts';
import { decide } from '../../domain/decide.ts';
import { isRefusal, type Outcome } from '../../domain/outcome.ts';
import { TRANSITIONS } from '../../domain/status.ts';
import { blankTicket, type Ticket } from '../../domain/ticket.ts';
import { anyScript, arrival, play, POLICY, settleEffect, started, triageAnswer } from './scripts.ts';

const T0 = Date.UTC(2026, 10, 2, 9);
const MINUTE = 60_000;

function taken(ticket: Ticket, command: Command, at: number): Outcome {
  const decision = decide(ticket, command, at);
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision;
}

const types = (outcome: Outcome) => outcome.events.map((event) => event.type);

describe('a first message', () => {
  test('creates the ticket, begins triage and asks for a draft', () => {
    const outcome = taken(blankTicket('t', 1001), arrival('m1', T0), T0 + 500);
    expect(types(outcome)).toEqual(['ticket.created', 'message.received']);
    expect(outcome.ticket.status).toBe('triaging');
    expect(outcome.ticket.effects.map((effect) => effect.kind)).toEqual(['triage', 'draft']);
  });

  test('sets the clock from when it was written, not from when it arrived', () => {
    const late = taken(blankTicket('t', 1001), arrival('m1', T0), T0 + 10 * MINUTE);
    expect(late.ticket.firstResponse?.dueAt).toBe(T0 + POLICY.firstResponse.normal);
  });

  test('written in the future, as a vendor’s fast clock says, counts from its arrival', () => {
    const early = taken(blankTicket('t', 1001), arrival('m1', T0 + 5 * MINUTE), T0);
    expect(early.ticket.firstResponse?.startedAt).toBe(T0);
  });

  test('is the only thing that a blank ticket takes', () => {
    const decision = decide(blankTicket('t', 1001), { type: 'warnFirstResponse', id: 'w' }, T0);
    expect(decision).toMatchObject({ refused: 'not_found' });
  });
});

describe('triage', () => {
  test('opens the ticket and moves the deadline to the priority it found', () => {
    const ticket = started(T0);
    const outcome = settleEffect(ticket, 'triage', triageAnswer('urgent'), T0 + 1000);
    expect(types(outcome)).toEqual(['ticket.triaged', 'ticket.opened']);
    expect(outcome.ticket).toMatchObject({ status: 'open', priority: 'urgent' });
    expect(outcome.ticket.firstResponse?.dueAt).toBe(T0 + POLICY.firstResponse.urgent);
  });

  test('leaves a priority alone that a person chose', () => {
    const ticket = started(T0, { priority: 'low' });
    expect(settleEffect(ticket, 'triage', triageAnswer('urgent'), T0 + 1000).ticket.priority).toBe('low');
  });

  test('that comes a second time is refused', () => {
    const ticket = started(T0);
    const once = settleEffect(ticket, 'triage', triageAnswer('high'), T0 + 1000).ticket;
    const again = decide(once, { ...triageAnswer('low'), id: 'another', effectId: 'triage:m1' }, T0 + 2000);
    expect(again).toMatchObject({ refused: 'not_found' });
  });
});

describe('a draft', () => {
  const by = { kind: 'agent', id: 'ada' } as const;
  const proposed = () =>
    settleEffect(
      started(T0),
      'draft',
      {
        type: 'proposeDraft',
        id: '',
        effectId: '',
        draftId: 'd1',
        messageId: 'm1',
        textId: 'x',
        engine: 'heuristic',
        confidence: 0.5,
      },
      T0 + 1000,
    ).ticket;
  const decision = (over: object): Command => ({
    type: 'decideDraft',
    requestId: 'request',
    id: 'c1',
    draftId: 'd1',
    decision: 'approve',
    messageId: 'r1',
    textId: null,
    by,
    ...over,
  });

  test('approved goes out once, and whoever approved has the ticket', () => {
    const outcome = taken(proposed(), decision({}), T0 + 2000);
    expect(types(outcome)).toEqual(['draft.decided', 'ticket.assigned', 'message.sending']);
    expect(outcome.ticket).toMatchObject({ assigneeId: 'ada', draft: null });
  });

  test('decided a second time is refused, naming who was first', () => {
    const after = taken(proposed(), decision({}), T0 + 2000).ticket;
    expect(decide(after, decision({ id: 'c2', decision: 'discard' }), T0 + 3000)).toMatchObject({
      refused: 'draft_stale',
      facts: { decision: 'approve', decidedBy: 'ada' },
    });
  });

  test('is stale once the customer has written again', () => {
    const newer = taken(proposed(), arrival('m2', T0 + 2000), T0 + 2000);
    expect(types(newer)).toContain('draft.stale');
    expect(decide(newer.ticket, decision({}), T0 + 3000)).toMatchObject({ refused: 'draft_stale' });
  });

  test('for an older message that comes too late is refused', () => {
    const newer = taken(started(T0), arrival('m2', T0 + 500), T0 + 500).ticket;
    const late: Command = {
      type: 'proposeDraft',
      id: 'answer:draft:m1',
      effectId: 'draft:m1',
      draftId: 'd1',
      messageId: 'm1',
      textId: 'x',
      engine: 'model',
      confidence: 1,
    };
    expect(decide(newer, late, T0 + 1000)).toMatchObject({ refused: 'not_found' });
  });

  test('edited without a text is refused', () => {
    expect(decide(proposed(), decision({ decision: 'edit' }), T0)).toMatchObject({ refused: 'invalid_request' });
  });
});

describe('the deadline', () => {
  const breach: Command = { type: 'breachFirstResponse', id: 'b' };

  test('passes at risk, then breached, then one page', () => {
    const ticket = started(T0);
    const [warn, due] = agenda(ticket);
    const warned = taken(ticket, warn?.command ?? breach, T0 + 6 * 60 * MINUTE);
    expect(types(warned)).toEqual(['sla.warned']);
    const breached = taken(warned.ticket, due?.command ?? breach, T0 + 8 * 60 * MINUTE);
    expect(types(breached)).toEqual(['sla.breached']);
    expect(breached.ticket.effects.filter((effect) => effect.kind === 'page')).toHaveLength(1);
    expect(agenda(breached.ticket)).toEqual([]);
  });

  test('does not fire before its time', () => {
    expect(decide(started(T0), breach, T0 + MINUTE)).toMatchObject({ refused: 'not_found' });
  });

  test('is met only when the vendor accepted the reply', () => {
    const replied = taken(
      started(T0),
      { type: 'reply', requestId: 'request', id: 'c', messageId: 'r1', textId: 'x', by: { kind: 'agent', id: 'ada' } },
      T0 + MINUTE,
    ).ticket;
    expect(agenda(replied)).not.toEqual([]);
    const sent = settleEffect(
      replied,
      'send',
      { type: 'completeSend', id: '', effectId: '', externalId: 'e' },
      T0 + 2 * MINUTE,
    );
    expect(types(sent)).toEqual(['message.sent', 'sla.fulfilled', 'ticket.pending']);
    expect(agenda(sent.ticket)).toEqual([]);
  });

  test('stays running when the vendor refused the reply, and the ticket stays in a person’s hands', () => {
    const replied = taken(
      started(T0),
      { type: 'reply', requestId: 'request', id: 'c', messageId: 'r1', textId: 'x', by: { kind: 'agent', id: 'ada' } },
      T0 + MINUTE,
    ).ticket;
    const failed = settleEffect(
      replied,
      'send',
      { type: 'failSend', id: '', effectId: '', reasonTextId: 'why' },
      T0 + 2 * MINUTE,
    );
    expect(types(failed)).toEqual(['message.failed']);
    expect(agenda(failed.ticket)).not.toEqual([]);
  });
});

describe('whatever comes in whatever order', () => {
  test('every step of a status is one that the table, the desk or the customer may take', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { before, command, outcome } of play(script, T0)) {
          const [from, to] = [before.status, outcome.ticket.status];
          if (from === to) continue;
          const byDesk = {
            new: ['triaging'],
            triaging: ['open', 'pending'],
            open: ['pending'],
            pending: ['open'],
            resolved: ['open'],
          };
          const allowed: readonly string[] =
            command.type === 'setStatus'
              ? TRANSITIONS[from]
              : (Object.entries(byDesk).find(([key]) => key === from)?.[1] ?? []);
          expect(allowed).toContain(to);
        }
      }),
    );
  });

  test('a closed ticket changes no more and owes nothing', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { before, outcome } of play(script, T0)) {
          expect(before.status).not.toBe('closed');
          if (outcome.ticket.status === 'closed') {
            expect(outcome.ticket.effects).toEqual([]);
            expect(agenda(outcome.ticket)).toEqual([]);
            expect(outcome.ticket.draft).toBeNull();
          }
        }
      }),
    );
  });

  test('versions and event numbers count up without a gap', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { before, outcome } of play(script, T0)) {
          expect(outcome.ticket.version).toBe(before.version + 1);
          expect(outcome.events.map((event) => event.sequence)).toEqual(
            outcome.events.map((_, index) => before.sequence + index + 1),
          );
          expect(outcome.ticket.sequence).toBe(before.sequence + outcome.events.length);
        }
      }),
    );
  });

  test('the same command twice changes nothing the second time', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { command, at, outcome } of play(script, T0)) {
          expect(decide(outcome.ticket, command, at)).toEqual({ ticket: outcome.ticket, events: [] });
        }
      }),
    );
  });

  test('a moment of the agenda that has come is taken, and then is off the agenda', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { outcome } of play(script, T0)) {
          const next = agenda(outcome.ticket)[0];
          if (next === undefined) continue;
          const due = taken(outcome.ticket, next.command, next.at);
          expect(agenda(due.ticket).map((moment) => moment.command.id)).not.toContain(next.command.id);
        }
      }),
    );
  });

  test('the ticket that was given is never changed', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { before, command, at } of play(script, T0)) {
          const copy = structuredClone(before);
          decide(before, command, at);
          expect(before).toEqual(copy);
        }
      }),
    );
  });

  test('every message asked to be sent ends sent, failed or still owed, and never twice', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        const steps = play(script, T0);
        const events = steps.flatMap((step) => step.outcome.events);
        const sending = events.filter((event) => event.type === 'message.sending').map((event) => event.data.messageId);
        const ended = events
          .filter((event) => event.type === 'message.sent' || event.type === 'message.failed')
          .map((event) => event.data.messageId);
        const owed = steps.at(-1)?.outcome.ticket.effects.filter((effect) => effect.kind === 'send') ?? [];
        expect([...ended, ...owed.map((effect) => effect.messageId)].sort()).toEqual([...sending].sort());
      }),
    );
  });
});
