/**
 * Tickets, read from PostgreSQL: one, a keyset page by filters, and the line of those that nobody has.
 *
 * Each filter but `sla` has an index that also gives the order, or, as `tag`, finds the few that fit, so a page costs the
 * same however far down it is; `sla` is read off the tickets with work to do.
 */
import type { Pool } from 'pg';
import { isId } from '../ids.ts';
import { DeskError } from '../../domain/errors.ts';
import { isDone, type Status, STATUSES } from '../../domain/status.ts';
import type { Channel, Priority, Ticket } from '../../domain/ticket.ts';
import type { TicketRow } from '../shapes/ticket.ts';

export const COLUMNS = `
  t.id, t.version, t.subject, t.state, t.created_at::text as position,
  (extract(epoch from t.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from t.updated_at) * 1000)::float8 as "updatedAt",
  c.id as "requesterId", c.name as "requesterName", c.email as "requesterEmail",
  u.id as "assigneeId", u.name as "assigneeName", s.body as summary,
  t.custom_fields as "customFields",
  (select coalesce(json_agg(json_build_object('id', o.id, 'number', o.number, 'kind', l.kind)), '[]')
   from ticket_links l join tickets o on o.id = l.other_id where l.ticket_id = t.id) as links
`;
export const JOINS = `
  join customers c on c.id = t.requester_id
  left join users u on u.id = t.assignee_id
  left join texts s on s.id = (t.state #>> '{triage,summaryTextId}')::uuid
`;
const REFERENCE = /^t-([1-9]\d{0,8})$/i;

/** The ticket that `name` (an id, or a reference such as `T-1234`) means; throws `not_found`. */
export function findTicket(pool: Pool, name: string): Promise<TicketRow> {
  return findByName<TicketRow>(pool, 'ticket', `${COLUMNS} from tickets t ${JOINS}`, name);
}

/** Which ticket `name` means and how far it is, for a command that needs no more of it; throws `not_found`. */
export function findTicketVersion(pool: Pool, name: string): Promise<{ id: string; version: number }> {
  return findByName(pool, 'ticket-version', 't.id, t.version from tickets t', name);
}

async function findByName<Row extends object>(pool: Pool, what: string, from: string, name: string): Promise<Row> {
  const number = REFERENCE.exec(name)?.[1];
  if (number === undefined && !isId(name)) throw notFound(name);
  const column = number === undefined ? 'id' : 'number';
  const { rows } = await pool.query<Row>({
    name: `${what}-by-${column}`,
    text: `select ${from} where t.${column} = $1`,
    values: [number ?? name],
  });
  const [row] = rows;
  if (row === undefined) throw notFound(name);
  return row;
}

/** Another ticket, named in the request's field `path`; throws `invalid_request` when there is no such ticket. */
export async function findOther(pool: Pool, path: string, name: string): Promise<{ id: string; state: Ticket }> {
  try {
    return await findByName(pool, 'other-ticket', 't.id, t.state from tickets t', name);
  } catch (error) {
    if (!(error instanceof DeskError) || error.code !== 'not_found') throw error;
    const message = `names no ticket ("${name}"); give an id or a reference like T-1234`;
    throw new DeskError('invalid_request', `"${path}" ${message}.`, { errors: [{ path, message }] });
  }
}

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
export function listStatement({ filters, newestFirst, after, limit }: TicketPage): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = conditions(filters, bind);
  if (after !== null) {
    const [createdAt, id] = after;
    where.push(`(created_at, id) ${newestFirst ? '<' : '>'} (${bind(createdAt)}::timestamptz, ${bind(id)}::uuid)`);
  }
  const direction = newestFirst ? 'desc' : 'asc';
  const text = `
    select ${COLUMNS}
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
  after: readonly string[] | null,
  limit: number,
): Promise<(TicketRow & { due: string })[]> {
  const [due = null, id = null] = after ?? [];
  const { rows } = await pool.query<TicketRow & { due: string }>({ ...UNASSIGNED, values: [due, id, limit] });
  return rows;
}

/** The statement behind {@link listUnassigned}; ordered by the assignee too, who is always null, so that an index has the order. */
export const UNASSIGNED = {
  name: 'tickets-unassigned',
  text: `
    select ${COLUMNS}, t.due
    from (
      select *, coalesce(sla_due_at, 'infinity')::text as due from tickets
      where assignee_id is null and ${UNDONE}
        and ($1::timestamptz is null or (coalesce(sla_due_at, 'infinity'), id) > ($1::timestamptz, $2::uuid))
      order by assignee_id, sla_due_at, id limit $3
    ) t ${JOINS}
    order by t.sla_due_at, t.id
  `,
};

function notFound(name: string): DeskError {
  return new DeskError(
    'not_found',
    `There is no ticket "${name.slice(0, 60)}"; give an id or a reference like T-1234.`,
  );
}
