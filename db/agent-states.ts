/** Who is there, for those who follow it live. Of several changes in between only the last is known. */
import type { Pool } from 'pg';
import type { Availability } from '../domain/assignment.ts';

/** The channel on which is told, by his id, that an agent's availability changed. */
export const AVAILABILITY_CHANNEL = 'availability';

/** What an agent is now; `at`, when he was last changed, in milliseconds since 1970. */
export interface AgentState {
  id: string;
  name: string;
  availability: Availability;
  load: number;
  capacity: number;
  at: number;
}

const AGENTS = `
  select a.id, u.name, a.availability, a.load, a.capacity, extract(epoch from a.updated_at)::float8 * 1000 as at
  from agents a join users u on u.id = a.id
`;

/** What the agents `ids` are now. */
export async function agentStates(pool: Pool, ids: readonly string[]): Promise<AgentState[]> {
  const { rows } = await pool.query<AgentState>({
    name: 'agent-states',
    text: `${AGENTS} where a.id = any($1::uuid[]) order by a.updated_at`,
    values: [ids],
  });
  return rows;
}

/** What the agents are now who were changed in the last `seconds`, for somebody who was not told meanwhile. */
export async function agentsChangedWithin(pool: Pool, seconds: number): Promise<AgentState[]> {
  const { rows } = await pool.query<AgentState>({
    name: 'agents-changed',
    text: `${AGENTS} where a.updated_at > now() - $1 * interval '1 second' order by a.updated_at`,
    values: [seconds],
  });
  return rows;
}
