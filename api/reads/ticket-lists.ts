/**
 * Lists of tickets, read from PostgreSQL for somebody: a keyset page by filters, the line of those that nobody has, and an
 * agent's queue.
 *
 * Each filter but `sla` has an index that also gives the order, or, as `tag`, finds the few that fit, so a page costs the
 * same however far down it is; `sla` is read off the tickets with work to do.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import { isDone, type Status, STATUSES } from '../../domain/status.ts';
import type { Channel, Priority } from '../../domain/ticket.ts';
import { isId } from '../ids.ts';
import type { TicketRow } from '../shapes/ticket.ts';
import { JOINS, ticketColumns } from './tickets.ts';
import { visibleTickets } from './visible.ts';

export const SLA_STATES = ['at_risk', 'breached'] as const;

export interface TicketFilters {
  status?: Status | undefined;
  priority?: Priority | undefined;
  /** A user's id, or `none`. */
  assignee?: string | undefined;
  team?: string | undefined;
  supportType?: string | undefined;
  channel?: Channel | undefined;
  tag?: string | undefined;
  /** A customer's id or e-mail address. */
  customer?: string | undefined;
  /** Of the tickets with work to do: near a deadline, or behind one with what was due still owed. */
  sla?: (typeof SLA_STATES)[number] | undefined;
}

export interface TicketPage {
  viewer: Viewer;
  filters: TicketFilters;
  newestFirst: boolean;
  /** Creation time and id of the last ticket shown; null for the first page. */
  after: readonly string[] | null;
  limit: number;
}

/** At most `limit` tickets after the position, in order of creation. */
export async function listTickets(pool: Pool, page: TicketPage): Promise<TicketRow[]> {
  const { text, values } = listStatement(page);
  const { rows } = await pool.query<TicketRow>(text, values);
  return rows;
}

/** The statement behind {@link listTickets}; its parts are fixed texts and every value is a parameter. */
export function listStatement({ viewer, filters, newestFirst, after, limit }: TicketPage): {
  text: string;
  values: unknown[];
} {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [...visibleTickets(viewer, 'tickets', bind), ...conditions(filters, bind)];
  if (after !== null) {
    const [createdAt, id] = after;
    where.push(`(created_at, id) ${newestFirst ? '<' : '>'} (${bind(createdAt)}::timestamptz, ${bind(id)}::uuid)`);
  }
  const direction = newestFirst ? 'desc' : 'asc';
  const text = `
    select ${ticketColumns(viewer, bind)}
    from (
      select * from tickets ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
      order by created_at ${direction}, id ${direction} limit ${bind(limit)}
    ) t ${JOINS}
    order by t.created_at ${direction}, t.id ${direction}
  `;
  return { text, values };
}

function conditions(filters: TicketFilters, bind: (value: unknown) => string): string[] {
  const where: string[] = [];
  const { status, priority, assignee, team, supportType, channel, tag, customer, sla } = filters;
  if (status !== undefined) where.push(`status = ${bind(status)}`);
  if (priority !== undefined) where.push(`priority = ${bind(priority)}`);
  if (assignee === 'none') where.push('assignee_id is null');
  else if (assignee !== undefined) where.push(`assignee_id = ${bind(assignee)}`);
  if (team !== undefined) where.push(`team_id = ${bind(team)}`);
  if (supportType !== undefined) where.push(`support_type = ${bind(supportType)}`);
  if (channel !== undefined) where.push(`channel = ${bind(channel)}`);
  if (tag !== undefined) where.push(`tags @> ${bind(JSON.stringify([tag]))}::jsonb`);
  if (customer !== undefined) where.push(`requester_id = ${requester(customer, bind)}`);
  if (sla !== undefined) where.push(sla === 'breached' ? 'late' : 'at_risk');
  return where;
}

function requester(customer: string, bind: (value: unknown) => string): string {
  if (isId(customer)) return bind(customer);
  return `(select id from customers where email = lower(${bind(customer)}))`;
}

/** As the partial indexes of tickets with work to do write it. */
export const UNDONE = `status not in (${STATUSES.filter(isDone)
  .map((status) => `'${status}'`)
  .join(', ')})`;

/**
 * At most `limit` tickets with work to do that nobody has, the earliest deadline first and those without one last, after
 * the position (deadline or `infinity`, and id).
 */
export async function listUnassigned(
  pool: Pool,
  viewer: Viewer,
  after: readonly string[] | null,
  limit: number,
): Promise<DueRow[]> {
  const { rows } = await pool.query<DueRow>(byDeadline(viewer, null, after, limit));
  return rows;
}

/** At most `limit` tickets with work to do that the agent has, in the same order and after the same position. */
export async function listQueue(
  pool: Pool,
  viewer: Viewer,
  agentId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<DueRow[]> {
  const { rows } = await pool.query<DueRow>(byDeadline(viewer, agentId, after, limit));
  return rows;
}

/**
 * The statement behind {@link listUnassigned} and {@link listQueue}; ordered by the assignee too, who is always the same,
 * so that an index has the order.
 */
export function byDeadline(viewer: Viewer, agentId: string | null, after: readonly string[] | null, limit: number) {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [
    agentId === null ? 'assignee_id is null' : `assignee_id = ${bind(agentId)}`,
    UNDONE,
    ...visibleTickets(viewer, 'tickets', bind),
  ];
  if (after !== null) {
    const [due, id] = after;
    where.push(`(coalesce(sla_due_at, 'infinity'), id) > (${bind(due)}::timestamptz, ${bind(id)}::uuid)`);
  }
  const text = `
    select ${ticketColumns(viewer, bind)}, t.due
    from (
      select *, coalesce(sla_due_at, 'infinity')::text as due from tickets where ${where.join(' and ')}
      order by assignee_id, sla_due_at, id limit ${bind(limit)}
    ) t ${JOINS}
    order by t.sla_due_at, t.id
  `;
  return { text, values };
}

/** A ticket with its deadline, or `infinity`, in PostgreSQL's words. */
export type DueRow = TicketRow & { due: string };
