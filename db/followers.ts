/**
 * Which open tickets are under older settings than the newest, and which of them have been looked at. Statements only;
 * what is to be done about each is for the follower to judge.
 */
import type { Pool } from 'pg';
import type { Ticket } from '../domain/ticket.ts';

/** A place in the order of deadlines: the earliest first, then those without one. */
export interface Place {
  /** In PostgreSQL's words, so that no digit is lost. */
  due: string;
  id: string;
}
export const FIRST_PLACE: Place = { due: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

export interface FollowingTicket extends Place {
  state: Ticket;
}

/**
 * A look holds for the row that was looked at: a change after it may have brought in what older settings said. A ticket
 * that went into another has no running clock; taken back it is open again, and found then.
 */
const BEHIND = `
  select t.id, coalesce(t.sla_due_at, 'infinity')::text as due, t.state
  from tickets t left join settings_told s on s.ticket_id = t.id
  where t.status <> 'closed' and t.settings_version < $1
    and (s.version is null or s.version < $1 or s.ticket_version < t.version)
    and (coalesce(t.sla_due_at, 'infinity'), t.id) > ($2::timestamptz, $3::uuid)
  order by coalesce(t.sla_due_at, 'infinity'), t.id limit $4
`;

/** At most `limit` open tickets under settings older than `version` that were not looked at for it, those after `after`. */
export async function ticketsBehind(
  pool: Pool,
  version: number,
  after: Place,
  limit: number,
): Promise<FollowingTicket[]> {
  const { rows } = await pool.query<FollowingTicket>({
    name: 'settings-behind',
    text: BEHIND,
    values: [version, after.due, after.id, limit],
  });
  return rows;
}

/** Keeps that these tickets, as they were then, have what the settings at `version` give them, or were told. */
export async function keepTold(
  pool: Pool,
  version: number,
  tickets: readonly Pick<Ticket, 'id' | 'version'>[],
): Promise<void> {
  if (tickets.length === 0) return;
  await pool.query({
    name: 'settings-told',
    text: `insert into settings_told as s (ticket_id, version, ticket_version)
           select id, $1, version from unnest($2::uuid[], $3::integer[]) as t (id, version)
           on conflict (ticket_id) do update set version = excluded.version, ticket_version = excluded.ticket_version
           where (s.version, s.ticket_version) < (excluded.version, excluded.ticket_version)`,
    values: [version, tickets.map(({ id }) => id), tickets.map((ticket) => ticket.version)],
  });
}
