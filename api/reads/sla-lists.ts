/**
 * Lists of clocks, read from PostgreSQL for somebody: what is late, the longest first, and what a warning was given of, the
 * earliest deadline first. A ticket is listed once, with that clock of it which comes first.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import type { Target } from '../../domain/sla-policy.ts';
import type { Status } from '../../domain/status.ts';
import type { Priority } from '../../domain/ticket.ts';
import { visibleTickets } from './visible.ts';

export interface SlaRow {
  id: string;
  number: number;
  subject: string;
  status: Status;
  priority: Priority;
  team: string | null;
  requesterId: string;
  requesterName: string | null;
  requesterEmail: string;
  assigneeId: string | null;
  assigneeName: string | null;
  target: Target;
  /** Milliseconds since 1970. */
  dueAt: number;
}

/** Which tickets, and in whose order; the conditions and orders are those of the indexes. */
const LISTS = {
  breaches: { are: 't.late', order: 'overdue_since(t.state)', clock: `c.value ->> 'breachedAt' is not null` },
  atRisk: {
    are: 't.at_risk',
    order: 'at_risk_until(t.state)',
    clock: `c.value ->> 'warnedAt' is not null and c.value ->> 'breachedAt' is null`,
  },
} as const;

/** At most `limit` tickets of the list behind the position (the deadline in milliseconds, and id). */
export async function listClocks(
  pool: Pool,
  viewer: Viewer,
  { list, after, limit }: { list: keyof typeof LISTS; after: readonly string[] | null; limit: number },
): Promise<SlaRow[]> {
  const { rows } = await pool.query<SlaRow>(clocksStatement(viewer, { list, after, limit }));
  return rows;
}

/** The statement behind {@link listClocks}. */
export function clocksStatement(
  viewer: Viewer,
  { list, after, limit }: { list: keyof typeof LISTS; after: readonly string[] | null; limit: number },
): { text: string; values: unknown[] } {
  const { are, order, clock } = LISTS[list];
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [are, `${order} is not null`, ...visibleTickets(viewer, 't', bind)];
  if (after !== null) where.push(`(${order}, t.id) > (${bind(after[0])}::float8, ${bind(after[1])}::uuid)`);
  const text = `
    select t.id, t.number, t.subject, t.status, t.priority, t.team_id as team,
      r.id as "requesterId", r.name as "requesterName", r.email as "requesterEmail",
      u.id as "assigneeId", u.name as "assigneeName", t.due as "dueAt",
      (select c.key from jsonb_each(t.state -> 'clocks') c
       where c.value ->> 'fulfilledAt' is null and ${clock} and (c.value ->> 'dueAt')::float8 = t.due
       order by c.key limit 1) as target
    from (
      select t.*, ${order} as due from tickets t where ${where.join(' and ')}
      order by ${order}, t.id limit ${bind(limit)}
    ) t
    join customers r on r.id = t.requester_id left join users u on u.id = t.assignee_id
    order by t.due, t.id
  `;
  return { text, values };
}
