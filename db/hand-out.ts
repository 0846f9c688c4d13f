/**
 * Which ticket waits for an agent, and who is to have it. Reads only.
 *
 * Does not promise that the chosen agent still has room: the record of the assignment says so, and then it is chosen again.
 */
import type { Pool } from 'pg';
import { type Candidate, chooseAgent, type Wanted } from '../domain/assignment.ts';
import { DeskError } from '../domain/errors.ts';
import type { Ticket } from '../domain/ticket.ts';
import { candidates } from './agents.ts';
import type { Settings, SettingsReader } from './settings.ts';

/** What decides about who may have a ticket. */
export type HandOutFacts = Pick<Ticket, 'supportType' | 'teamId' | 'preferredAgentId' | 'customerTier'> & {
  /** ISO 639-1; null before triage. */
  language: string | null;
};

/** A whole sentence says why, for the timeline or for whoever asked. */
export type Choice = ReturnType<typeof chooseAgent>;

/** Customers of these tiers are VIPs. */
const VIP_TIERS: readonly (string | null)[] = ['vip', 'enterprise'];

/** Chooses among `agents` by the ticket's type; `exclude` names agents who are not to have it. */
export function chooseAmong(
  facts: HandOutFacts,
  settings: Settings,
  agents: readonly Candidate[],
  exclude: readonly string[] = [],
): Choice {
  const { supportType, preferredAgentId } = facts;
  const type = settings.types.find(({ id }) => id === supportType?.id);
  const wanted: Wanted = {
    mode: supportType?.assignmentMode ?? 'manual',
    teamId: facts.teamId,
    skills: type?.skills ?? {},
    language: facts.language,
    preferredAgentId,
    vip: VIP_TIERS.includes(facts.customerTier),
    exclude,
  };
  if (wanted.mode !== 'manual' || preferredAgentId === null) return chooseAgent(wanted, agents);
  // It goes back to whoever had it, whatever team that is, or to nobody.
  const before = agents.filter(({ id }) => id === preferredAgentId);
  return chooseAgent({ ...wanted, mode: 'preferred', teamId: null, language: null }, before);
}

const FACTS = `
  json_build_object(
    'supportType', t.state -> 'supportType', 'teamId', t.state -> 'teamId',
    'preferredAgentId', t.state -> 'preferredAgentId', 'customerTier', t.state -> 'customerTier',
    'language', t.state #> '{triage,language}') as facts
`;

/** Chooses who is to have the ticket at the instant `now`; throws a DeskError when there is no such ticket. */
export async function chooseFor(
  pool: Pool,
  settings: SettingsReader,
  ticketId: string,
  now: number,
  exclude: readonly string[] = [],
): Promise<Choice> {
  const { rows } = await pool.query<{ facts: HandOutFacts }>({
    name: 'hand-out-facts',
    text: `select ${FACTS} from tickets t where t.id = $1`,
    values: [ticketId],
  });
  const facts = rows[0]?.facts;
  if (facts === undefined) throw new DeskError('not_found', `There is no ticket ${ticketId}.`);
  const current = await settings.read();
  return chooseAmong(facts, current, await candidates(pool, current, now), exclude);
}

/** A place in the line of waiting tickets. */
export interface Place {
  /** As PostgreSQL writes them, so that no part of a second is lost. */
  dueAt: string;
  createdAt: string;
  id: string;
}

export interface WaitingTicket {
  id: string;
  version: number;
  facts: HandOutFacts;
  place: Place;
}

const NEXT_WAITING = `
  select t.id, t.version, ${FACTS},
         json_build_object('dueAt', coalesce(t.sla_due_at, 'infinity')::text, 'createdAt', t.created_at::text,
                           'id', t.id) as place
  from tickets t
  where t.waiting
    and ($2::uuid is null
         or (coalesce(t.sla_due_at, 'infinity'), t.created_at, t.id) > ($3::timestamptz, $4::timestamptz, $2))
  order by t.sla_due_at, t.created_at, t.id limit $1
`;

/** At most `limit` waiting tickets behind `after`, earliest deadline first; those without a deadline come last. */
export async function nextWaiting(pool: Pool, limit: number, after: Place | null = null): Promise<WaitingTicket[]> {
  const { rows } = await pool.query<WaitingTicket>({
    name: 'waiting-next',
    text: NEXT_WAITING,
    values: [limit, after?.id ?? null, after?.dueAt ?? null, after?.createdAt ?? null],
  });
  return rows;
}

/** However many tickets wait, they are of few kinds. */
const KINDS_WAITING = `select distinct facts::jsonb as facts from (select ${FACTS} from tickets t where t.waiting) w`;

/** Whether any waiting ticket fits an agent at the instant `now`. */
export async function anyFits(pool: Pool, settings: SettingsReader, now: number): Promise<boolean> {
  const current = await settings.read();
  const agents = (await candidates(pool, current, now)).filter(isFree);
  if (agents.length === 0) return false;
  const { rows } = await pool.query<{ facts: HandOutFacts }>({ name: 'waiting-kinds', text: KINDS_WAITING });
  return rows.some(({ facts }) => chooseAmong(facts, current, agents).agentId !== null);
}

/** Whether an agent takes any ticket now. */
export function isFree({ availability, working, load, capacity }: Candidate): boolean {
  return availability === 'online' && working && load < capacity;
}
