/**
 * A ticket in Slack: its card, posted once and edited in place, and the page when a first response is late.
 *
 * Safe to run twice. A message has a row in `slack_posts` before it is posted; a run that finds the row without a `ts`
 * looks in the channel for what an earlier one may have posted, and takes that over. Runs for one message go one at a
 * time, under a lock of its key that a dying worker's connection lets go. The honest limit: a post that Slack is still
 * taking in when its worker dies, and that is not in the channel's history by the time of the next run, stands there twice.
 * A Slack that refuses us never holds up a ticket: a card is given up until the ticket moves again, a page has nobody.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Slack, SlackMessage } from '../integrations/slack.ts';
import { cardMessage, escalationMessage, type TicketFacts } from '../integrations/slack-card.ts';
import { VendorError } from '../integrations/vendor-error.ts';

export interface SlackActivities {
  /** Shows the ticket as it is now; answers the version that is shown, or would be if Slack took it. */
  showCard(asked: { ticketId: string }): Promise<{ version: number }>;
  /** Says in Slack that the first response, due at `dueAt`, is late; `to` is null when nobody could be told. */
  page(asked: { ticketId: string; effectId: string; requestId: string; dueAt: number }): Promise<{ to: string | null }>;
}

export interface SlackDeps {
  pool: Pool;
  logger: Logger;
  /** Null when no Slack is connected. */
  slack: Slack | null;
  /** Milliseconds since 1970. */
  now(): number;
}

/** How far Slack's clock may be from the database's when an earlier run's message is looked for. */
const CLOCK_SKEW_MS = 10 * 60_000;

/** The Slack activities over the database behind `pool`. */
export function createSlackActivities(deps: SlackDeps): SlackActivities {
  const { pool, logger, slack } = deps;
  return {
    async showCard({ ticketId }) {
      const key = `card:${ticketId}`;
      if (slack === null) return { version: (await load(pool, ticketId))?.version ?? 0 };
      return oneAtATime(pool, key, async (db) => {
        // Read under the lock, so that whoever comes later knows at least as much.
        const ticket = await load(db, ticketId);
        if (ticket === undefined) return { version: 0 };
        const post = await claim(db, key, slack.channel);
        if (post.ts !== null && post.version >= ticket.version) return { version: post.version };
        try {
          const message = cardMessage(ticket, deps.now());
          const found = await find(slack, key, post);
          if (found !== null) await slack.update(post.channel, found, { ...message, key });
          await keep(db, key, found ?? (await slack.post(post.channel, { ...message, key })), ticket.version);
        } catch (error) {
          giveUp(error, logger, { ticketId }, 'Slack refused the card');
        }
        return { version: ticket.version };
      });
    },
    async page({ ticketId, effectId, dueAt }) {
      const key = `page:${ticketId}:${effectId}`;
      if (slack === null) return { to: null };
      return oneAtATime(pool, key, async (db) => {
        const ticket = await load(db, ticketId);
        if (ticket === undefined) return { to: null };
        const post = await claim(db, key, slack.channel);
        try {
          const message: SlackMessage = { ...escalationMessage(ticket, dueAt, deps.now()), key };
          const ts = (await find(slack, key, post)) ?? (await slack.post(post.channel, message));
          await keep(db, key, ts, ticket.version);
          return { to: 'slack' };
        } catch (error) {
          giveUp(error, logger, { ticketId, effectId }, 'Slack refused the page');
          return { to: null };
        }
      });
    },
  };
}

/** Throws what is worth another try, without a word of the vendor's; what is not is logged. */
function giveUp(error: unknown, logger: Logger, ids: Record<string, string>, what: string): void {
  if (!(error instanceof VendorError)) throw error;
  if (!error.retryable) {
    logger.error({ ...ids, reason: error.reason }, what);
    return;
  }
  throw ApplicationFailure.create({
    message: error.message,
    type: 'vendor_unavailable',
    ...(error.retryAfterSeconds !== undefined && { nextRetryDelay: error.retryAfterSeconds * 1000 }),
  });
}

interface Post {
  channel: string;
  ts: string | null;
  version: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Whether no earlier run can have posted it. */
  first: boolean;
}

/** Where the message stands: known, or left in the channel by a run that died; null when it is still to be posted. */
async function find(slack: Slack, key: string, post: Post): Promise<string | null> {
  if (post.ts !== null || post.first) return post.ts;
  return slack.findByMetadata(post.channel, key, post.createdAt - CLOCK_SKEW_MS);
}

/** The row of a message, made before anything is posted. */
async function claim(db: PoolClient, key: string, channel: string): Promise<Post> {
  const { rows } = await db.query<Post>({
    name: 'slack-claim',
    text: `with added as (
             insert into slack_posts (key, channel) values ($1, $2) on conflict (key) do nothing
             returning *, true as first
           )
           select channel, ts, version, first, extract(epoch from created_at)::float8 * 1000 as "createdAt"
           from (select * from added union all select *, false from slack_posts where key = $1) post`,
    values: [key, channel],
  });
  const post = rows[0];
  if (post === undefined) throw new Error(`slack_posts has no row for ${key}; was the database replaced?`);
  return post;
}

async function keep(db: PoolClient, key: string, ts: string, version: number): Promise<void> {
  await db.query({
    name: 'slack-keep',
    text: 'update slack_posts set ts = $2, version = greatest(version, $3) where key = $1',
    values: [key, ts, version],
  });
}

/** Does `work` while nobody else works under `key`; the lock lives as long as the connection that `work` is given. */
async function oneAtATime<T>(pool: Pool, key: string, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  try {
    await db.query('select pg_advisory_lock(hashtextextended($1, 0))', [key]);
    return await work(db);
  } finally {
    // A connection that cannot be unlocked is closed, which unlocks it.
    await db.query('select pg_advisory_unlock_all()').then(
      () => db.release(),
      () => db.release(true),
    );
  }
}

type LoadedTicket = TicketFacts & { version: number };

/** The ticket as the card needs it, in one reading; undefined when there is no such ticket. */
async function load(db: Pool | PoolClient, ticketId: string): Promise<LoadedTicket | undefined> {
  const { rows } = await db.query<LoadedTicket>({
    name: 'slack-ticket',
    text: `select k.id, k.version, k.subject, k.state, coalesce(c.name, c.email) as customer, a.name as assignee,
                  case when d.id is not null then json_build_object(
                    'id', d.id, 'state', d.state, 'engine', d.engine, 'body', t.body,
                    'decidedBy', coalesce(u.name, 'the ' || d.decided_by_kind)
                  ) end as draft
           from tickets k
           join customers c on c.id = k.requester_id
           left join users a on a.id = k.assignee_id
           left join lateral (
             select * from drafts where ticket_id = k.id order by created_at desc, id desc limit 1
           ) d on true
           left join texts t on t.id = d.text_id
           left join users u on u.id::text = d.decided_by_id
           where k.id = $1`,
    values: [ticketId],
  });
  return rows[0];
}
