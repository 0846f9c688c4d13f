/** A ticket, read from PostgreSQL for somebody; one that he does not see is not there for him. */
import type { Pool } from 'pg';
import { isId } from '../ids.ts';
import { DeskError } from '../../domain/errors.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { seesEverything, type Viewer } from '../../domain/scope.ts';
import type { TicketRow } from '../shapes/ticket.ts';
import { type Bind, visibleTickets } from './visible.ts';

/** What is read of a ticket `t` that `viewer` sees; of its links only those with tickets that he sees too. */
export function ticketColumns(viewer: Viewer, bind: Bind): string {
  const linked = ['l.ticket_id = t.id', ...visibleTickets(viewer, 'o', bind)].join(' and ');
  return `
  t.id, t.version, t.subject, t.state, t.created_at::text as position,
  (extract(epoch from t.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from t.updated_at) * 1000)::float8 as "updatedAt",
  c.id as "requesterId", c.name as "requesterName", c.email as "requesterEmail",
  g.id as "organisationId", g.name as "organisationName",
  u.id as "assigneeId", u.name as "assigneeName", s.body as summary,
  t.custom_fields as "customFields",
  (select coalesce(json_agg(json_build_object('id', o.id, 'number', o.number, 'kind', l.kind)), '[]')
   from ticket_links l join tickets o on o.id = l.other_id where ${linked}) as links
`;
}
export const JOINS = `
  join customers c on c.id = t.requester_id
  left join organisations g on g.id = c.organisation_id
  left join users u on u.id = t.assignee_id
  left join texts s on s.id = (t.state #>> '{triage,summaryTextId}')::uuid
`;
const REFERENCE = /^t-([1-9]\d{0,8})$/i;

/** The ticket that `name` (an id, or a reference such as `T-1234`) means, if `viewer` sees it; throws `not_found`. */
export function findTicket(pool: Pool, viewer: Viewer, name: string): Promise<TicketRow> {
  const from = (bind: Bind) => `${ticketColumns(viewer, bind)} from tickets t ${JOINS}`;
  return findByName<TicketRow>(pool, viewer, 'ticket', from, name);
}

/** Which ticket `name` means and how far it is, for a command that needs no more of it; throws `not_found`. */
export function findTicketVersion(pool: Pool, viewer: Viewer, name: string): Promise<{ id: string; version: number }> {
  return findByName(pool, viewer, 'ticket-version', () => 't.id, t.version from tickets t', name);
}

async function findByName<Row extends object>(
  pool: Pool,
  viewer: Viewer,
  what: string,
  from: (bind: Bind) => string,
  name: string,
): Promise<Row> {
  const number = REFERENCE.exec(name)?.[1];
  if (number === undefined && !isId(name)) throw notFound(name);
  const column = number === undefined ? 'id' : 'number';
  const values: unknown[] = [number ?? name];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [`t.${column} = $1`, ...visibleTickets(viewer, 't', bind)].join(' and ');
  const text = `select ${from(bind)} where ${where}`;
  // One statement for all who see everything is prepared once; those of the others differ.
  const { rows } = await pool.query<Row>({
    ...(seesEverything(viewer) && { name: `${what}-by-${column}` }),
    text,
    values,
  });
  const [row] = rows;
  if (row === undefined) throw notFound(name);
  return row;
}

/** What is recorded of a ticket that was found for its asker before. */
export async function recordedTicket(pool: Pool, id: string): Promise<Pick<TicketRow, 'state' | 'customFields'>> {
  const { rows } = await pool.query<Pick<TicketRow, 'state' | 'customFields'>>({
    name: 'ticket-recorded',
    text: 'select state, custom_fields as "customFields" from tickets where id = $1',
    values: [id],
  });
  if (rows[0] === undefined) throw notFound(id);
  return rows[0];
}

/** Another ticket, named in the request's field `path`; throws `invalid_request` when `viewer` sees no such ticket. */
export async function findOther(
  pool: Pool,
  viewer: Viewer,
  path: string,
  name: string,
): Promise<{ id: string; state: Ticket }> {
  try {
    return await findByName(pool, viewer, 'other-ticket', () => 't.id, t.state from tickets t', name);
  } catch (error) {
    if (!(error instanceof DeskError) || error.code !== 'not_found') throw error;
    const message = `names no ticket ("${name}"); give an id or a reference like T-1234`;
    throw new DeskError('invalid_request', `"${path}" ${message}.`, { errors: [{ path, message }] });
  }
}

function notFound(name: string): DeskError {
  return new DeskError(
    'not_found',
    `There is no ticket "${name.slice(0, 60)}"; give an id or a reference like T-1234.`,
  );
}
