/**
 * Whom a page can reach in Slack, and who is on call, as the database has it at the moment of asking.
 *
 * Only people with a Slack user are found: nobody else is reachable there. Does not promise that they are awake.
 */
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Rota } from '../domain/rota.ts';
import type { Ticket } from '../domain/ticket.ts';
import { offsetsOf } from './zone-offsets.ts';

const DAY = 24 * 3_600_000;

/** A message that calls more people than this calls nobody. */
const MOST = 50;

export interface Reachable {
  /** The user's id. */
  id: string;
  slackUserId: string;
}

/** Whom to look for: by id, by e-mail in small letters, by role, or by team. */
export interface Wanted {
  ids: string[];
  emails: string[];
  roles: string[];
  teamIds: string[];
}

/** Of teams, those who are online, or all when nobody is; each person once, those online first, at most fifty. */
export async function pageesOf(pool: Pool, { ids, emails, roles, teamIds }: Wanted): Promise<Reachable[]> {
  const { rows } = await pool.query<Reachable>({
    name: 'pagees',
    // An id of Slack's is put into its markup, so nothing that is not one is taken for one.
    text: `with reachable as (
             select u.id, u.email, u.role, u.slack_user_id, u.name, coalesce(a.availability = 'online', false) as online
             from users u left join agents a on a.id = u.id
             where u.disabled_at is null and u.slack_user_id ~ '^[A-Z0-9]{2,20}$'
           ), members as (
             select r.id, r.online, bool_or(r.online) over (partition by m.team_id) as anybody
             from team_members m join reachable r on r.id = m.agent_id
             where m.team_id = any ($4::text[])
           )
           select id, slack_user_id as "slackUserId" from reachable
           where id::text = any ($1::text[]) or email = any ($2::text[]) or role = any ($3::text[])
              or id in (select id from members where online or not anybody)
           order by online desc, name, id limit ${MOST}`,
    values: [ids, emails, roles, teamIds],
  });
  return rows;
}

export interface LateTicket {
  state: Ticket;
  /** The customer's name, or the address where there is none. */
  customer: string;
  assignee: string | null;
}

/** The ticket of a page as it is now; undefined when there is no such ticket. */
export async function lateTicket(pool: Pool, ticketId: string): Promise<LateTicket | undefined> {
  const { rows } = await pool.query<LateTicket>({
    name: 'page-ticket',
    text: `select k.state, coalesce(c.name, c.email) as customer, a.name as assignee
           from tickets k join customers c on c.id = k.requester_id left join users a on a.id = k.assignee_id
           where k.id = $1`,
    values: [ticketId],
  });
  return rows[0];
}

const schedule = z.object({ kind: z.literal('pagerDuty'), scheduleId: z.string().min(1) });
const turns = z.object({
  zone: z.string(),
  startsOn: z.iso.date(),
  handOverMinute: z.int(),
  rotationDays: z.int().min(1),
  agentIds: z.array(z.string()),
  overrides: z.array(z.object({ from: z.number(), to: z.number(), agentId: z.string() })).default([]),
});

/** A schedule in PagerDuty, or turns that are kept here. */
type FoundRota = { scheduleId: string } | { rota: Rota };

/**
 * The rota `id`, its zone compiled for who is on call at `at` (milliseconds since 1970); null when there is none that can
 * be read.
 */
export async function rotaOf(pool: Pool, id: string, at: number): Promise<FoundRota | null> {
  const { rows } = await pool.query<{ name: string; body: unknown }>({
    name: 'page-rota',
    text: 'select name, body from rotas where id = $1',
    values: [id],
  });
  const [row] = rows;
  const elsewhere = schedule.safeParse(row?.body);
  if (elsewhere.success) return { scheduleId: elsewhere.data.scheduleId };
  const here = turns.safeParse(row?.body);
  if (row === undefined || !here.success) return null;
  // Turns are told by what the clock reads now; a change two days ago does not matter any more.
  const offsets = offsetsOf(here.data.zone, at - 2 * DAY, at);
  return { rota: { id, name: row.name, offsets, ...here.data } };
}
