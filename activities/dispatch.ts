/**
 * Handing tickets out, and taking back those of agents who left. Each is an ordinary command of the ticket's workflow, so
 * its verdict is the ticket's own.
 *
 * Safe to run twice: a ticket that somebody has is never handed out, and one is taken from the agent who left only. Does not
 * promise that a ticket whose workflow does not answer is handed out; the next round tries it again.
 */
import type { Logger } from 'pino';
import type { Pool } from 'pg';
import { v5 as uuidOf } from 'uuid';
import { candidates, type HeldTicket, leftBehind } from '../db/agents.ts';
import { chooseAmong, isFree, nextWaiting, type Place, type WaitingTicket } from '../db/hand-out.ts';
import type { SettingsReader } from '../db/settings.ts';
import type { Candidate } from '../domain/assignment.ts';
import type { Assign, PersonCommand, Unassign } from '../domain/person-commands.ts';
import { DeskError, ERRORS } from '../domain/errors.ts';
import { SYSTEM } from '../domain/ticket.ts';

/** How many waiting tickets one run looks at. */
const LOOKED_AT = 500;
/** How many commands are under way at once. */
const AT_ONCE = 8;
/** After this long a run ends, so that tickets that do not answer cannot hold the next one up for good. */
const LONGEST_MS = 60_000;

export interface DispatchActivities {
  /**
   * Hands out what waits behind `after`, earliest deadline first. Answers where the line goes on, or null when it is at its
   * end or nobody has room. `round` is a UUID that a second run repeats.
   */
  handOut(asked: { round: string; after: Place | null }): Promise<{ handedOut: number; after: Place | null }>;
  /** Takes from an agent who left what they hand back then; answers how many tickets. */
  handBack(asked: { agentId: string }): Promise<{ handedBack: number }>;
}

export interface DispatchDeps {
  pool: Pool;
  settings: SettingsReader;
  logger: Logger;
  /** Executes a command on a ticket; throws a DeskError for a refusal. */
  tickets: { execute(ticketId: string, command: PersonCommand): Promise<unknown> };
  /** Cancelled when the worker shuts down. */
  cancelled: () => AbortSignal;
  /** In milliseconds since 1970. */
  now: () => number;
}

/** The activities over the database behind `pool`. */
export function createDispatchActivities(deps: DispatchDeps): DispatchActivities {
  const { pool, settings, cancelled, now } = deps;
  return {
    async handOut({ round, after }) {
      const until = now() + LONGEST_MS;
      const current = await settings.read();
      const agents = await candidates(pool, current, now());
      const line = await nextWaiting(pool, LOOKED_AT, after);
      const end = line.length < LOOKED_AT ? null : (line.at(-1)?.place ?? null);
      const offers = createOffers(agents, now());
      let reached = after;
      let handedOut = 0;
      while (line.length > 0 && agents.some(isFree) && now() < until) {
        cancelled().throwIfAborted();
        const looked: WaitingTicket[] = [];
        const offered: Offer[] = [];
        while (offered.length < AT_ONCE) {
          const ticket = line.shift();
          if (ticket === undefined) break;
          looked.push(ticket);
          reached = ticket.place;
          const choice = chooseAmong(ticket.facts, current, agents);
          if (choice.agentId !== null) offered.push(offers.make(ticket, choice.agentId, choice.why));
        }
        const verdicts = await Promise.all(
          offered.map((offer) => execute(deps, offer.ticket.id, assign(offer, round))),
        );
        handedOut += verdicts.filter((verdict) => verdict === 'taken').length;
        const over = offers.settle(offered, verdicts);
        // A seat that was not taken after all may be for one that found none free.
        if (verdicts.some((verdict) => verdict !== 'taken')) line.unshift(...looked.filter((one) => !over.has(one)));
      }
      if (!agents.some(isFree)) return { handedOut, after: null };
      return { handedOut, after: line.length > 0 ? reached : end };
    },
    async handBack({ agentId }) {
      const until = now() + LONGEST_MS;
      const refused: string[] = [];
      let handedBack = 0;
      while (now() < until) {
        cancelled().throwIfAborted();
        // Asked each time: an agent who comes back meanwhile keeps the rest.
        const held = await leftBehind(pool, agentId, { except: refused, limit: AT_ONCE });
        if (held.length === 0) break;
        const verdicts = await Promise.all(held.map((one) => execute(deps, one.id, unassign(one, agentId))));
        handedBack += verdicts.filter((verdict) => verdict === 'taken').length;
        refused.push(...held.filter((_, index) => verdicts[index] !== 'taken').map(({ id }) => id));
      }
      return { handedBack };
    },
  };
}

/** `full`: the agent has no room after all. `gone`: there is nothing to do any more. `silent`: the ticket did not answer. */
type Verdict = 'taken' | 'full' | 'gone' | 'silent';

async function execute(
  { tickets, logger }: DispatchDeps,
  ticketId: string,
  command: Assign | Unassign,
): Promise<Verdict> {
  try {
    await tickets.execute(ticketId, command);
    return 'taken';
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    if (error.code === 'agent_full') return 'full';
    if (!ERRORS[error.code].retryable) return 'gone';
    logger.warn({ err: error, ticketId, command: command.type }, 'a ticket did not answer the dispatch; it goes on');
    return 'silent';
  }
}

interface Offer {
  ticket: WaitingTicket;
  agent: Candidate;
  why: string;
}

/** Offers under way: each takes room among `agents` at once, so that the next choice knows of it. */
function createOffers(agents: readonly Candidate[], now: number) {
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  let turn = Math.max(now, ...agents.map(({ lastAssignedAt }) => lastAssignedAt ?? 0));
  return {
    make(ticket: WaitingTicket, agentId: string, why: string): Offer {
      const agent = byId.get(agentId);
      if (agent === undefined) throw new Error(`Agent ${agentId} was chosen and is not among the candidates.`);
      agent.load += 1;
      turn += 1;
      agent.lastAssignedAt = turn;
      return { ticket, agent, why };
    },
    /** Gives back the seats that were not taken; answers the tickets for which nothing more is to be done. */
    settle(offered: readonly Offer[], verdicts: readonly Verdict[]): Set<WaitingTicket> {
      const over = new Set<WaitingTicket>();
      for (const [index, { ticket, agent }] of offered.entries()) {
        const verdict = verdicts[index];
        if (verdict !== 'taken') agent.load -= 1;
        // Whoever has no room, or has left since, gets nothing more in this run; the ticket needs another agent.
        if (verdict === 'full') agent.availability = 'away';
        else over.add(ticket);
      }
      return over;
    },
  };
}

/**
 * A later round must be able to offer the same ticket to the same agent: a refusal that was given after the update had been
 * accepted is Temporal's answer to its id for good.
 */
function assign({ ticket, agent, why }: Offer, round: string): Assign {
  const id = `handOut:${uuidOf(`${ticket.version}:${agent.id}`, round)}`;
  return { type: 'assign', id, requestId: id, by: SYSTEM, agentId: agent.id, handOut: true, why };
}

function unassign({ id: ticketId, version, availability }: HeldTicket, agentId: string): Unassign {
  const id = `handBack:${uuidOf(`${version}:${agentId}`, ticketId)}`;
  const why = `It was handed back, because the agent is ${availability}.`;
  return { type: 'unassign', id, requestId: id, by: SYSTEM, agentId, why };
}
