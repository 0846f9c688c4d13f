/** An agent's queue: the tickets that are still to be done, the earliest deadline first and those without one last. */
import type { Pool } from 'pg';
import type { TicketRow } from '../shapes/ticket.ts';
import { COLUMNS, JOINS, UNDONE } from './tickets.ts';

export type QueuedRow = TicketRow & { due: string };

/** At most `limit` tickets of the agent, behind the position (deadline or `infinity`, and id). */
export async function listQueue(
  pool: Pool,
  agentId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<QueuedRow[]> {
  const [due = null, id = null] = after ?? [];
  const { rows } = await pool.query<QueuedRow>({
    name: 'agent-queue',
    text: `
      select ${COLUMNS}, t.due
      from (
        select *, coalesce(sla_due_at, 'infinity')::text as due from tickets
        where assignee_id = $1 and ${UNDONE}
          and ($2::timestamptz is null or (coalesce(sla_due_at, 'infinity'), id) > ($2::timestamptz, $3::uuid))
        order by sla_due_at, id limit $4
      ) t ${JOINS}
      order by t.sla_due_at, t.id
    `,
    values: [agentId, due, id, limit],
  });
  return rows;
}
