/**
 * Tickets, read from PostgreSQL: one, or a keyset page. Each filter has an index that also gives the order, so a page
 * costs the same however far down it is.
 */
import type { Pool } from 'pg';
import { isId } from '../ids.ts';
import { DeskError } from '../../domain/errors.ts';
import type { Status } from '../../domain/status.ts';
import type { Priority } from '../../domain/ticket.ts';
import type { TicketRow } from '../shapes/ticket.ts';

const COLUMNS = `
  t.id, t.version, t.subject, t.state, t.created_at::text as position,
  (extract(epoch from t.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from t.updated_at) * 1000)::float8 as "updatedAt",
  c.id as "requesterId", c.name as "requesterName", c.email as "requesterEmail",
  u.id as "assigneeId", u.name as "assigneeName", s.body as summary
`;
const JOINS = `
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

export interface TicketFilters {
  status?: Status | undefined;
  priority?: Priority | undefined;
  /** A user's id, or `none`. */
  assignee?: string | undefined;
  /** A customer's id or e-mail address. */
  customer?: string | undefined;
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
  const where: string[] = [];
  if (filters.status !== undefined) where.push(`status = ${bind(filters.status)}`);
  if (filters.priority !== undefined) where.push(`priority = ${bind(filters.priority)}`);
  if (filters.assignee === 'none') where.push('assignee_id is null');
  else if (filters.assignee !== undefined) where.push(`assignee_id = ${bind(filters.assignee)}`);
  if (filters.customer !== undefined) where.push(`requester_id = ${requester(filters.customer, bind)}`);
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

function requester(customer: string, bind: (value: unknown) => string): string {
  if (isId(customer)) return bind(customer);
  return `(select id from customers where email = lower(${bind(customer)}))`;
}

function notFound(name: string): DeskError {
  return new DeskError(
    'not_found',
    `There is no ticket "${name.slice(0, 60)}"; give an id or a reference like T-1234.`,
  );
}
