import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agenda } from '../../domain/agenda.ts';
import { clockState, isOpen } from '../../domain/clock.ts';
import { PERSON_COMMANDS } from '../../domain/person-commands.ts';
import { decide, decideAll } from '../../domain/decide.ts';
import { isRefusal } from '../../domain/outcome.ts';
import { TARGETS } from '../../domain/sla-policy.ts';
import { isPausing, type Status, TRANSITIONS } from '../../domain/status.ts';
import { blankTicket, isOver, seatOf } from '../../domain/ticket.ts';
import { anyScript, play, type Played, tryOut } from './scripts.ts';
import { T0 } from './tickets.ts';

/** Holds of every step that changed something, in every script. */
function always(holds: (step: Played) => void): void {
  fc.assert(
    fc.property(anyScript, (script) => {
      for (const step of play(script)) holds(step);
    }),
    { numRuns: 500 },
  );
}

/** The moves that nobody asks for by name: the desk's own, and what a message, an answer or a merge brings about. */
const BY_ITSELF: Readonly<Record<Status, readonly Status[]>> = {
  new: ['triaging'],
  triaging: ['open', 'pending'],
  open: ['pending'],
  pending: ['open'],
  on_hold: ['open'],
  escalated: ['pending'],
  resolved: ['open', 'closed'],
  closed: [],
};

describe('whatever comes in whatever order', () => {
  test('every step of a status is one that the table, the desk or the customer may take', () => {
    always(({ before, command, decision: { ticket } }) => {
      const [from, to] = [before.status, ticket.status];
      if (from === to || command.type === 'merge' || command.type === 'unmerge') return;
      expect((command.type === 'setStatus' ? TRANSITIONS : BY_ITSELF)[from]).toContain(to);
    });
  });

  test('a ticket that is over changes no more, though its timeline may still be written to, and owes nothing', () => {
    const told = { version: 0, sequence: 0, applied: [], updatedAt: 0, effects: [] };
    always(({ before, decision: { ticket } }) => {
      if (isOver(before)) expect({ ...ticket, ...told }).toEqual({ ...before, ...told });
      if (!isOver(ticket)) return;
      expect(ticket.effects.filter(({ kind }) => kind !== 'tell')).toEqual([]);
      expect(agenda(ticket)).toEqual([]);
      expect(ticket).toMatchObject({ draft: null, escalation: null, snoozed: null, outbox: [] });
    });
  });

  test('versions and event numbers count up without a gap', () => {
    always(({ before, decision: { ticket, events } }) => {
      expect(ticket.version).toBe(before.version + 1);
      expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => before.sequence + index + 1));
      expect(ticket.sequence).toBe(before.sequence + events.length);
    });
  });

  test('the same command twice changes nothing the second time', () => {
    always(({ command, at, noRoom, decision: { ticket } }) => {
      const again = decideAll(ticket, [command], at, noRoom);
      expect([again.ticket, again.events]).toEqual([ticket, []]);
    });
  });

  test('a person’s command that is sent again is told that it was taken', () => {
    const people: readonly string[] = PERSON_COMMANDS;
    always(({ command, at, decision: { ticket } }) => {
      const told = people.includes(command.type) ? decide(ticket, command, at + 1) : { ticket, events: [] };
      expect(told).toEqual({ ticket, events: [] });
    });
  });

  test('a refusal changes nothing, and the ticket that was given is never changed', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        for (const { before, command, at, noRoom, decision } of tryOut(script)) {
          const copy = structuredClone(before);
          const turn = decideAll(before, [command], at, noRoom);
          expect(before).toEqual(copy);
          if (isRefusal(decision)) expect(turn).toEqual({ ticket: before, events: [], refusals: [decision] });
        }
      }),
    );
  });

  test('a moment of the agenda is never refused once it has come, and then is over', () => {
    always(({ at, decision: { ticket } }) => {
      const [next] = agenda(ticket);
      if (next === undefined) return;
      const due = decide(ticket, next.command, Math.max(at, next.at));
      if (isRefusal(due)) throw new Error(due.detail);
      expect(due.ticket.version).toBe(ticket.version + 1);
      expect(agenda(due.ticket)[0]).not.toEqual(next);
    });
  });

  test('a moment of the agenda does not come before its time', () => {
    always(({ decision: { ticket } }) => {
      for (const { at, command } of agenda(ticket)) expect(decide(ticket, command, at - 1)).toHaveProperty('refused');
    });
  });

  test('what falls due at one moment comes to an end', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        let ticket = play(script).at(-1)?.decision.ticket ?? blankTicket('t', 1001);
        let rounds = 0;
        for (let next = agenda(ticket)[0]; next !== undefined; next = agenda(ticket)[0]) {
          rounds += 1;
          expect(rounds).toBeLessThan(60);
          ticket = decideAll(ticket, [next.command], Math.max(T0, ticket.updatedAt ?? 0, next.at)).ticket;
        }
      }),
    );
  });

  test('clocks stand still exactly while the ticket waits on somebody else or went into another', () => {
    always(({ decision: { ticket } }) => {
      const still = isPausing(ticket.status) || ticket.merged !== null;
      const states = TARGETS.map((target) => ticket.clocks[target]).map((clock) => clock && clockState(clock));
      expect(states).not.toContain(still ? 'running' : 'paused');
    });
  });

  test('a clock that has ended never runs again, unless it is set anew', () => {
    always(({ before, decision: { ticket, events } }) => {
      const anew = events.flatMap((event) => (event.type === 'sla.activated' ? event.data.targets : []));
      const ended = TARGETS.filter((target) => before.clocks[target] !== null && !isOpen(before.clocks[target]));
      const again = ended.filter((target) => isOpen(ticket.clocks[target]));
      expect(anew.map(({ target }) => target)).toEqual(expect.arrayContaining(again));
    });
  });

  test('whoever is paged is paged for a clock that was breached and is not fulfilled', () => {
    always(({ decision: { ticket } }) => {
      if (ticket.escalation === null) return;
      const clock = ticket.clocks[ticket.escalation.target];
      expect(clock).toMatchObject({ dueAt: ticket.escalation.dueAt, fulfilledAt: null });
      expect(clock?.breachedAt).not.toBeNull();
    });
  });

  test('a ticket takes nobody’s capacity unless there is work to do on it and somebody has it', () => {
    always(({ decision: { ticket } }) => {
      const done = ticket.status === 'resolved' || ticket.status === 'closed';
      expect(seatOf(ticket)).toBe(done ? null : ticket.assigneeId);
    });
  });

  test('where there is no room a ticket takes nobody’s capacity that it did not take before', () => {
    always(({ before, command, at }) => {
      const decision = decide(before, command, at, true);
      if (isRefusal(decision)) return;
      expect([null, seatOf(before)]).toContain(seatOf(decision.ticket));
      expect(decision.events.filter((event) => event.type === 'ticket.merged')).toEqual([]);
    });
  });

  test('nothing is asked for twice at once, and what is asked for has a name that no earlier answer had', () => {
    always(({ decision: { ticket } }) => {
      const ids = ticket.effects.map((effect) => effect.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ticket.applied).not.toContainEqual(
        expect.toSatisfy((id: string) => ids.some((one) => id === `answer:${one}`)),
      );
    });
  });

  test('one draft at most waits for a decision or is being written, and it answers the newest message', () => {
    always(({ decision: { ticket } }) => {
      const drafts = [ticket.draft ?? [], ticket.effects.filter((effect) => effect.kind === 'draft')].flat();
      expect(drafts.length).toBeLessThanOrEqual(1);
      for (const { messageId } of drafts) expect(messageId).toBe(ticket.newestMessageId);
    });
  });

  test('every reply ends sent, failed, undone or still owed, and never twice', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        const steps = play(script);
        const events = steps.flatMap((step) => step.decision.events);
        const told = (...wanted: string[]) =>
          events.flatMap((event) =>
            wanted.includes(event.type) && 'messageId' in event.data ? event.data.messageId : [],
          );
        const ticket = steps.at(-1)?.decision.ticket;
        const sends = ticket?.effects.flatMap((effect) => (effect.kind === 'send' ? effect.messageId : [])) ?? [];
        const waits = ticket?.outbox.map(({ messageId }) => messageId) ?? [];
        const atOnce = events.flatMap((event) =>
          event.type === 'message.sending' && !event.data.scheduled ? event.data.messageId : [],
        );
        const asked = [...told('message.scheduled'), ...atOnce];
        const ended = [...told('message.sent', 'message.failed', 'message.undone'), ...sends, ...waits];
        expect(ended.sort()).toEqual(asked.sort());
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });
});
