/** Whom a ticket can be given to: an agent, or a team. */
import type { Pool } from 'pg';
import { DeskError } from '../../domain/errors.ts';

/** Throws `invalid_request` unless `agentId` is an agent of this desk who is not disabled; whether they have room shows when they get it. */
export async function checkAgent(pool: Pool, agentId: string): Promise<void> {
  const { rowCount } = await pool.query({
    name: 'agent-exists',
    text: 'select from agents a join users u on u.id = a.id where a.id = $1 and u.disabled_at is null',
    values: [agentId],
  });
  if (rowCount === 0)
    throw unknown('agentId', `"${agentId}" is no agent of this desk, or disabled; GET /api/v1/agents lists them`);
}

/** Throws `invalid_request`, naming `path`, unless `teamId` is a team of this desk. */
export async function checkTeam(pool: Pool, path: string, teamId: string): Promise<void> {
  const { rows } = await pool.query<{ ids: string[] }>({
    name: 'team-ids',
    text: `select coalesce(array_agg(id order by id), '{}') as ids from teams`,
  });
  const ids = rows[0]?.ids ?? [];
  if (!ids.includes(teamId)) throw unknown(path, `must be one of the teams: ${ids.slice(0, 50).join(', ')}`);
}

function unknown(path: string, message: string): DeskError {
  return new DeskError('invalid_request', `The field "${path}": ${message}.`, { errors: [{ path, message }] });
}
