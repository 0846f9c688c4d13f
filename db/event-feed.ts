/**
 * The events of all tickets, in the order in which they became visible, for those who follow them.
 *
 * Neither times nor sequences come in the order of commits, so a place in the feed is no number: it is the snapshot of
 * PostgreSQL under which the last look was taken, which says of every transaction whether it had been committed then. What
 * is new is what that snapshot could not see. So, whatever overlaps: nothing is lost and nothing comes twice.
 *
 * Promises of the order: an event that was committed before another's transaction began comes before it, also when both are
 * read later; so a ticket's events come by their sequence. Of transactions that overlapped, either may come first. Does not
 * promise that a place holds in another cluster, such as one that a dump was restored into: there it is refused.
 */
import type { Pool } from 'pg';
import type { EventType } from '../domain/events.ts';
import type { Status } from '../domain/status.ts';
import type { Actor, Priority } from '../domain/ticket.ts';

/** The channel on which is told that events were recorded. */
export const EVENTS_CHANNEL = 'ticket_events';

/** Of a look that did not come to its end: what it could see, and the last event that it showed. */
interface Unfinished {
  upTo: string;
  transaction: string;
  ticketId: string;
  sequence: number;
}

/** Where somebody is in the feed: he had all that `seen`, a snapshot, could see, and a part of what came next. */
export interface FeedPlace {
  seen: string;
  unfinished: Unfinished | null;
}

/** An event, with what its ticket is like at the time of reading; instants in milliseconds since 1970. */
export interface FedEvent {
  ticketId: string;
  sequence: number;
  type: EventType;
  at: number;
  actorKind: Actor['kind'];
  actorId: string | null;
  number: number;
  version: number;
  status: Status;
  priority: Priority;
  supportType: string | null;
  team: string | null;
  assigneeId: string | null;
  assigneeName: string | null;
  slaDueAt: number | null;
  /** Where somebody is who has had this event, and those before it. */
  place: FeedPlace;
}

export interface FeedPage {
  events: FedEvent[];
  /** Where the page ends. */
  place: FeedPlace;
  /** Whether there may be more that could be seen already. */
  more: boolean;
}

/** The place at the end of the feed: what comes after it has not been committed yet. */
export async function endOfFeed(pool: Pool): Promise<FeedPlace> {
  const { rows } = await pool.query<{ seen: string }>('select pg_current_snapshot()::text as seen');
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL answered no snapshot.');
  return { seen: row.seen, unfinished: null };
}

/**
 * Whether this cluster's transactions have come as far as `place`: if not, it is of another cluster, and means nothing here.
 */
export async function feedKnows(pool: Pool, { seen, unfinished }: FeedPlace): Promise<boolean> {
  const { rows } = await pool.query<{ known: boolean }>({
    name: 'event-feed-known',
    text: `select pg_snapshot_xmax($1) <= pg_snapshot_xmax(pg_current_snapshot()) as known`,
    values: [unfinished?.upTo ?? seen],
  });
  return rows[0]?.known === true;
}

/** From where to read what is between `place` and `until`, which is at the end of a look that was taken later. */
export function upTo(place: FeedPlace, until: FeedPlace): FeedPlace {
  if (place.unfinished !== null) return place;
  return { seen: place.seen, unfinished: { upTo: until.seen, ...NOTHING_YET } };
}

const NEWER = `
  select w.up_to::text as "upTo",
    (select coalesce(json_agg(n), '[]') from (
      select e.transaction::text, e.ticket_id as "ticketId", e.sequence, e.type,
             extract(epoch from e.at)::float8 * 1000 as at, e.actor_kind as "actorKind", e.actor_id as "actorId",
             t.number, t.version, t.status, t.priority, t.support_type as "supportType", t.team_id as team,
             t.assignee_id as "assigneeId", u.name as "assigneeName",
             extract(epoch from t.sla_due_at)::float8 * 1000 as "slaDueAt"
      from (
        select * from ticket_events
        where transaction >= pg_snapshot_xmin($1) and (transaction, ticket_id, sequence) > ($3::xid8, $4::uuid, $5::integer)
          and pg_visible_in_snapshot(transaction, w.up_to) and not pg_visible_in_snapshot(transaction, $1)
        order by transaction, ticket_id, sequence limit $6
      ) e
      join tickets t on t.id = e.ticket_id
      left join users u on u.id = t.assignee_id
      order by e.transaction, e.ticket_id, e.sequence
    ) n) as events
  from (select coalesce($2::pg_snapshot, pg_current_snapshot()) as up_to) w
`;
/** Before every event of a look. */
const NOTHING_YET = { transaction: '0', ticketId: '00000000-0000-0000-0000-000000000000', sequence: 0 };

/** At most `limit` events after `place`, as one look sees them. */
export async function readFeed(pool: Pool, place: FeedPlace, limit: number): Promise<FeedPage> {
  const { seen, unfinished } = place;
  const { transaction, ticketId, sequence } = unfinished ?? NOTHING_YET;
  const { rows } = await pool.query<{
    upTo: string;
    events: (Omit<FedEvent, 'place'> & { transaction: string })[];
  }>({
    name: 'event-feed',
    text: NEWER,
    values: [seen, unfinished?.upTo ?? null, transaction, ticketId, sequence, limit],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL answered no snapshot.');
  const end: FeedPlace = { seen: row.upTo, unfinished: null };
  const more = row.events.length === limit;
  const last = row.events.length - 1;
  const events = row.events.map(({ transaction, ...event }, index) => {
    const { ticketId, sequence } = event;
    const within = { seen, unfinished: { upTo: row.upTo, transaction, ticketId, sequence } };
    return { ...event, place: index === last && !more ? end : within };
  });
  return { events, place: more ? (events.at(-1)?.place ?? end) : end, more };
}
