/**
 * The agents' side of the database: who there is and who has room, who is there, and who has left. Their load is not
 * written here: it changes in the statement that records an assignment.
 */
import type { Pool } from 'pg';
import type { Candidate } from '../domain/assignment.ts';
import { workingTime } from '../domain/business-hours.ts';
import type { Settings } from './settings.ts';

/** The channel on which is told that a ticket waits, or that somebody has room again. */
export const DISPATCH_CHANNEL = 'dispatch';

const CANDIDATES = `
  select a.id, a.availability, a.capacity, a.load, a.senior, a.languages, a.skills, a.calendar_id as "calendarId",
         extract(epoch from a.last_assigned_at)::double precision * 1000 as "lastAssignedAt",
         coalesce((select json_agg(m.team_id) from team_members m where m.agent_id = a.id), '[]') as "teamIds"
  from agents a join users u on u.id = a.id
  where u.disabled_at is null
`;

/**
 * Everybody who could be given a ticket at the instant `now`, in no order. An agent without a calendar always works; so does
 * one whose calendar is newer than `settings`.
 */
export async function candidates(pool: Pool, settings: Settings, now: number): Promise<Candidate[]> {
  const { rows } = await pool.query<Omit<Candidate, 'working'> & { calendarId: string | null }>({
    name: 'agents-candidates',
    text: CANDIDATES,
  });
  return rows.map(({ calendarId, ...agent }) => {
    const calendar = calendarId === null ? null : (settings.calendars.get(calendarId) ?? null);
    return { ...agent, working: workingTime(calendar, now, now + 1) > 0 };
  });
}

/** Notes that the user `userId` was there just now; nothing for one who is no agent. */
export async function noteSeen(pool: Pool, userId: string): Promise<void> {
  await pool.query({
    name: 'agent-seen',
    text: `update agents set last_seen_at = now()
           where id = $1 and (last_seen_at is null or last_seen_at < now() - interval '1 minute')`,
    values: [userId],
  });
}

/** A lead may have set somebody online who has not been seen yet, so that counts as well. */
const SEND_AWAY = `
  with idle as (
    update agents a set availability = 'away', updated_at = now()
    from users u
    where u.id = a.id and u.role <> 'bot' and a.availability = 'online'
      and greatest(a.last_seen_at, a.updated_at) < now() - $1 * interval '1 millisecond'
    returning a.id
  )
  select id, pg_notify('${DISPATCH_CHANNEL}', '') from idle
`;

/** Makes away whoever is online and was not seen for `after` milliseconds, bots excepted; answers their ids. */
export async function sendAwayIdle(pool: Pool, after: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({ name: 'agents-idle', text: SEND_AWAY, values: [after] });
  return rows.map(({ id }) => id);
}

/** Who is not there, still has tickets, and hands them back then. */
export async function leftWithTickets(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'agents-left',
    text: `select id from agents where availability <> 'online' and on_away = 'handBack' and load > 0 order by id`,
  });
  return rows.map(({ id }) => id);
}

export interface HeldTicket {
  id: string;
  version: number;
  /** What the agent is instead of online. */
  availability: Exclude<Candidate['availability'], 'online'>;
}

const LEFT_BEHIND = `
  select t.id, t.version, a.availability
  from agents a join tickets t on t.assignee_id = a.id and t.status not in ('resolved', 'closed')
  where a.id = $1 and a.availability <> 'online' and a.on_away = 'handBack' and t.id <> all ($2::uuid[])
  order by t.sla_due_at limit $3
`;

/** The undone tickets that `agentId` is to hand back, earliest deadline first; none when the agent is there again. */
export async function leftBehind(
  pool: Pool,
  agentId: string,
  { except, limit }: { except: readonly string[]; limit: number },
): Promise<HeldTicket[]> {
  const { rows } = await pool.query<HeldTicket>({
    name: 'agent-left-behind',
    text: LEFT_BEHIND,
    values: [agentId, except, limit],
  });
  return rows;
}
