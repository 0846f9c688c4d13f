/**
 * Changed settings reach the tickets that are under way: each open ticket is judged by the newest settings, and one to which
 * they give another policy, or other facts of its type, is told. The earliest deadline is looked at first.
 *
 * Any number of followers may run: a ticket that is told twice takes it once. With Temporal down the tickets that would be
 * told wait. A ticket that is being recorded under older settings is found by the next sweep.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { FIRST_PLACE, type FollowingTicket, keepTold, ticketsBehind } from '../db/followers.ts';
import { policyFor, type Settings, SETTINGS_CHANNEL, type SettingsReader, typeFactsFor } from '../db/settings.ts';
import type { ApplySettings } from '../domain/commands.ts';
import { DeskError } from '../domain/errors.ts';
import type { SlaPolicy } from '../domain/sla-policy.ts';
import { policyFactsOf, type Ticket } from '../domain/ticket.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import { createSweep, type Sweep } from './sweep.ts';

const SWEEP_MS = 5_000;
/** How many tickets are read together; a look at one costs next to nothing. */
const READ = 500;
/** How many tickets are told at once. */
const AT_ONCE = 20;

export interface SettingsFollowerDeps {
  pool: Pool;
  settings: SettingsReader;
  logger: Logger;
  tickets: Pick<TicketClient, 'applySettings'>;
}

/** A follower of the settings in the database behind `pool`. */
export function createSettingsFollower(deps: SettingsFollowerDeps): Sweep {
  const { pool, logger } = deps;
  return createSweep({
    pool,
    logger,
    channel: SETTINGS_CHANNEL,
    everyMs: SWEEP_MS,
    name: 'the settings follower',
    work: (stopped) => followAll(deps, stopped),
  });
}

/** One pass over all tickets that are behind; each is looked at once, so that one which cannot be told holds up no other. */
async function followAll(deps: SettingsFollowerDeps, stopped: AbortSignal): Promise<void> {
  const settings = await deps.settings.read();
  let place = FIRST_PLACE;
  while (!stopped.aborted) {
    const tickets = await ticketsBehind(deps.pool, settings.version, place, READ);
    await follow(deps, settings, tickets);
    const last = tickets.at(-1);
    if (last === undefined || tickets.length < READ) return;
    place = last;
  }
}

async function follow(
  deps: SettingsFollowerDeps,
  settings: Settings,
  tickets: readonly FollowingTicket[],
): Promise<void> {
  const looked = tickets.map(({ state }) => ({ state, command: commandFor(settings, state) }));
  const alike = looked.filter(({ command }) => command === null);
  await keep(
    deps,
    settings,
    alike.map(({ state }) => state),
  );
  const told: Ticket[] = [];
  const line = looked.values();
  const tellers = Array.from({ length: AT_ONCE }, async () => {
    for (const { state, command } of line) {
      if (command !== null && (await tell(deps, state.id, command))) told.push(state);
    }
  });
  const results = await Promise.allSettled(tellers);
  await keep(deps, settings, told);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  if (told.length > 0)
    deps.logger.info({ version: settings.version, tickets: told.length }, 'told of changed settings');
}

function keep({ pool }: SettingsFollowerDeps, settings: Settings, tickets: readonly Ticket[]): Promise<void> {
  return keepTold(pool, settings.version, tickets);
}

/** What the ticket is to be told, or null when these settings give it what it has. */
function commandFor(settings: Settings, ticket: Ticket): ApplySettings | null {
  const facts = policyFactsOf(ticket);
  const policy = policyFor(settings, facts);
  // A type that is no longer offered stays what it was for the tickets that have it.
  const supportType = typeFactsFor(settings, facts.supportType) ?? ticket.supportType;
  const sameType = isDeepStrictEqual(supportType, ticket.supportType);
  if (sameType && ticket.policy !== null && isDeepStrictEqual(essence(policy), essence(ticket.policy))) return null;
  return {
    type: 'applySettings',
    id: `settings:${settings.version}`,
    effectId: null,
    policy,
    facts,
    supportType,
  };
}

/** What makes one policy different from another. A calendar's offsets follow from its zone and from when they were compiled. */
function essence(policy: SlaPolicy) {
  const { calendar } = policy;
  return { ...policy, version: null, calendar: calendar === null ? null : { ...calendar, offsets: null } };
}

/** Whether the ticket was told; one that cannot be told now is tried again, and when nothing can be, this throws. */
async function tell({ tickets, logger }: SettingsFollowerDeps, ticketId: string, command: ApplySettings) {
  try {
    await tickets.applySettings(ticketId, command);
    return true;
  } catch (error) {
    if (error instanceof DeskError && error.code === 'workflow_unavailable') throw error;
    logger.warn({ err: error, ticketId }, 'a ticket could not be told of changed settings; it is tried again');
    return false;
  }
}
