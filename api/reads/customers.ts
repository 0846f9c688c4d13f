/** Customers, read from PostgreSQL for somebody. Whoever was erased is not there any more, for anybody. */
import type { Pool } from 'pg';
import { DeskError } from '../../domain/errors.ts';
import type { Viewer } from '../../domain/scope.ts';
import { isId } from '../ids.ts';
import type { TicketRow } from '../shapes/ticket.ts';
import { JOINS, ticketColumns } from './tickets.ts';
import { type Bind, visibleCustomers, visibleTickets } from './visible.ts';

/** Instants in milliseconds since 1970. */
export interface CustomerRow {
  id: string;
  email: string;
  name: string | null;
  tier: string | null;
  /** The customer's own tier, or else the organisation's. */
  effectiveTier: string | null;
  organisationId: string | null;
  organisationName: string | null;
  organisationUpdatedAt: number | null;
  createdAt: number;
  updatedAt: number;
  /** The exact creation time in PostgreSQL's words, for cursors. */
  position: string;
}

const SELECT = `
  select c.id, c.email, c.name, c.tier, coalesce(c.tier, o.tier) as "effectiveTier", o.id as "organisationId",
    o.name as "organisationName", floor(extract(epoch from o.updated_at) * 1000)::float8 as "organisationUpdatedAt",
    floor(extract(epoch from c.created_at) * 1000)::float8 as "createdAt",
    floor(extract(epoch from c.updated_at) * 1000)::float8 as "updatedAt", c.created_at::text as position
  from customers c left join organisations o on o.id = c.organisation_id
`;

/** The customer, if `viewer` sees him; throws `not_found`. */
export async function findCustomer(pool: Pool, viewer: Viewer, id: string): Promise<CustomerRow> {
  const [row] = isId(id) ? await select(pool, viewer, (bind) => [`c.id = ${bind(id)}::uuid`], '') : [];
  if (row !== undefined) return row;
  throw noCustomer(id);
}

/** What is answered about a customer whom nobody knows, or whom the asker does not see. */
export function noCustomer(id: string): DeskError {
  const detail = `There is no customer "${id.slice(0, 60)}"; GET /api/v1/customers lists those there are.`;
  return new DeskError('not_found', detail);
}

export interface CustomerPage {
  /** In small letters. */
  email?: string | undefined;
  /** An organisation's id. */
  organisation?: string | undefined;
  /** Creation time and id of the last customer shown; null for the first page. */
  after: readonly string[] | null;
  limit: number;
}

/** At most `limit` customers, newest first. */
export function listCustomers(pool: Pool, viewer: Viewer, page: CustomerPage): Promise<CustomerRow[]> {
  const { email, organisation, after, limit } = page;
  const where = (bind: Bind) => [
    ...(email === undefined ? [] : [`c.email = ${bind(email)}`]),
    ...(organisation === undefined ? [] : [`c.organisation_id = ${bind(organisation)}::uuid`]),
    ...(after === null ? [] : [`(c.created_at, c.id) < (${bind(after[0])}::timestamptz, ${bind(after[1])}::uuid)`]),
  ];
  return select(pool, viewer, where, `order by c.created_at desc, c.id desc limit ${limit}`);
}

async function select(
  pool: Pool,
  viewer: Viewer,
  conditions: (bind: Bind) => string[],
  order: string,
): Promise<CustomerRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = ['c.erased_at is null', ...conditions(bind), ...visibleCustomers(viewer, 'c', bind)].join(' and ');
  const { rows } = await pool.query<CustomerRow>(`${SELECT} where ${where} ${order}`, values);
  return rows;
}

/**
 * At most `limit` tickets of the organisation's customers, newest first, behind the position (creation time and id): of
 * each customer only so many are read, by an index in that order.
 */
export async function listOrganisationTickets(
  pool: Pool,
  viewer: Viewer,
  { organisation, after, limit }: { organisation: string; after: readonly string[] | null; limit: number },
): Promise<TicketRow[]> {
  const values: unknown[] = [organisation, limit];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = ['own.requester_id = m.id', ...visibleTickets(viewer, 'own', bind)];
  if (after !== null) {
    where.push(`(own.created_at, own.id) < (${bind(after[0])}::timestamptz, ${bind(after[1])}::uuid)`);
  }
  const text = `
    select ${ticketColumns(viewer, bind)}
    from (
      select newest.* from customers m cross join lateral (
        select * from tickets own where ${where.join(' and ')} order by own.created_at desc, own.id desc limit $2
      ) newest
      where m.organisation_id = $1 order by newest.created_at desc, newest.id desc limit $2
    ) t ${JOINS}
    order by t.created_at desc, t.id desc
  `;
  const { rows } = await pool.query<TicketRow>(text, values);
  return rows;
}
