/**
 * Lists of tickets, read from PostgreSQL for somebody: a keyset page by filters, the line of those that nobody has, and an
 * agent's queue.
 *
 * Each filter but `sla` has an index that also gives the order of creation, or, as `tag`, finds the few that fit, so a page
 * costs the same however far down it is; `sla`, and the order of what needs somebody next, are read off the tickets with work
 * to do.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import { isDone, type Status, STATUSES } from '../../domain/status.ts';
import type { Channel, Priority } from '../../domain/ticket.ts';
import { isId } from '../ids.ts';
import type { TicketRow } from '../shapes/ticket.ts';
import { JOINS, ticketColumns } from './tickets.ts';
import { behind, inOrder, placeColumn, type Sort } from './ticket-order.ts';
import { type Bind, visibleTickets } from './visible.ts';

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
  sort: Sort;
  /** The place of the last ticket shown; null for the first page. */
  after: readonly string[] | null;
  limit: number;
}

/** A ticket with its place in the list that was asked for. */
export type PlacedRow = TicketRow & { place: string[] };

/** At most `limit` tickets behind the place, in the order asked for. */
export async function listTickets(pool: Pool, page: TicketPage): Promise<PlacedRow[]> {
  const { text, values } = listStatement(page);
  const { rows } = await pool.query<PlacedRow>(text, values);
  return rows;
}

/** The statement behind {@link listTickets}; its parts are fixed texts and every value is a parameter. */
export function listStatement({ viewer, filters, sort, after, limit }: TicketPage): {
  text: string;
  values: unknown[];
} {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [
    ...visibleTickets(viewer, 'tickets', bind, filters),
    ...conditions(filters, 'tickets', bind),
    ...behind(sort, 'tickets', after, bind),
  ];
  const text = `
    select ${ticketColumns(viewer, bind)}, ${placeColumn(sort, 't')}
    from (
      select * from tickets ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
      order by ${inOrder(sort, 'tickets')} limit ${bind(limit)}
    ) t ${JOINS}
    order by ${inOrder(sort, 't')}
  `;
  return { text, values };
}

/** What a row of `tickets` named `t` must fulfil to fit the filters. */
export function conditions(filters: TicketFilters, t: string, bind: Bind): string[] {
  const where: string[] = [];
  const { status, priority, assignee, team, supportType, channel, tag, customer, sla } = filters;
  if (status !== undefined) where.push(`${t}.status = ${bind(status)}`);
  if (priority !== undefined) where.push(`${t}.priority = ${bind(priority)}`);
  if (assignee === 'none') where.push(`${t}.assignee_id is null`);
  else if (assignee !== undefined) where.push(`${t}.assignee_id = ${bind(assignee)}`);
  if (team !== undefined) where.push(`${t}.team_id = ${bind(team)}`);
  if (supportType !== undefined) where.push(`${t}.support_type = ${bind(supportType)}`);
  if (channel !== undefined) where.push(`${t}.channel = ${bind(channel)}`);
  if (tag !== undefined) where.push(`${t}.tags @> ${bind(JSON.stringify([tag]))}::jsonb`);
  if (customer !== undefined) where.push(`${t}.requester_id = ${requester(customer, bind)}`);
  if (sla !== undefined) where.push(`${t}.${sla === 'breached' ? 'late' : 'at_risk'}`);
  return where;
}

/** The id of the customer whom an id or an e-mail address names, in SQL. */
export function requester(customer: string, bind: Bind): string {
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
