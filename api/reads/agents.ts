/** Agents, read from PostgreSQL: one, or a page in the order of their names. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ON_AWAY } from '../../db/entities/agent.ts';
import { DeskError } from '../../domain/errors.ts';
import type { Availability } from '../../domain/assignment.ts';
import type { Role } from '../../domain/permissions.ts';
import { isId } from '../ids.ts';

/** Instants in milliseconds since 1970. */
export interface AgentRow {
  id: string;
  name: string;
  email: string;
  role: Role;
  availability: Availability;
  capacity: number;
  load: number;
  senior: boolean;
  languages: string[];
  skills: Record<string, number>;
  teams: string[];
  calendarId: string | null;
  onAway: (typeof ON_AWAY)[number];
  lastSeenAt: number | null;
  lastAssignedAt: number | null;
  updatedAt: number;
}

const SELECT = `
  select a.id, u.name, u.email, u.role, a.availability, a.capacity, a.load, a.senior, a.languages, a.skills,
    (select coalesce(json_agg(m.team_id order by m.team_id), '[]') from team_members m where m.agent_id = a.id) as teams,
    a.calendar_id as "calendarId", a.on_away as "onAway",
    (extract(epoch from a.last_seen_at) * 1000)::float8 as "lastSeenAt",
    (extract(epoch from a.last_assigned_at) * 1000)::float8 as "lastAssignedAt",
    (extract(epoch from a.updated_at) * 1000)::float8 as "updatedAt"
  from agents a join users u on u.id = a.id
`;

/** The agent; throws `not_found`. */
export async function findAgent(em: EntityManager, id: string): Promise<AgentRow> {
  const rows = isId(id) ? await em.execute<AgentRow[]>(`${SELECT} where a.id = ?`, [id]) : [];
  const [row] = rows;
  if (row === undefined) {
    throw new DeskError(
      'not_found',
      `There is no agent "${id.slice(0, 60)}"; GET /api/v1/agents lists those there are.`,
    );
  }
  return row;
}

export interface AgentFilters {
  availability?: Availability | undefined;
  /** A team's id. */
  team?: string | undefined;
  /** Only these. */
  ids?: readonly string[] | undefined;
}

/** At most `limit` agents by name, behind the position (name and id). */
export function listAgents(
  em: EntityManager,
  { availability, team, ids }: AgentFilters,
  after: readonly string[] | null,
  limit: number,
): Promise<AgentRow[]> {
  const values: unknown[] = [];
  const where: string[] = [];
  const only = (condition: string, ...bound: unknown[]) => {
    where.push(condition);
    values.push(...bound);
  };
  if (availability !== undefined) only('a.availability = ?', availability);
  if (team !== undefined) only('a.id in (select agent_id from team_members where team_id = ?)', team);
  if (ids !== undefined) only('a.id::text in (select jsonb_array_elements_text(?::jsonb))', JSON.stringify(ids));
  if (after !== null) only('(u.name, u.id) > (?, ?::uuid)', after[0], after[1]);
  const conditions = where.length > 0 ? `where ${where.join(' and ')}` : '';
  return em.execute<AgentRow[]>(`${SELECT} ${conditions} order by u.name, u.id limit ?`, [...values, limit]);
}
