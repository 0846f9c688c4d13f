/**
 * Our messages in Slack: each has a row in `slack_posts` under a key of ours before it is posted, so that a run which
 * finds the row without a `ts` looks in the channel for what an earlier one may have posted, and takes that over. Runs for
 * one message go one at a time, under a lock of its key that a dying worker's connection lets go.
 *
 * The honest limit: a post that Slack is still taking in when its worker dies, and that is not in the channel's history by
 * the time of the next run, stands there twice.
 */
import type { Pool, PoolClient } from 'pg';
import type { Slack } from '../integrations/slack.ts';

interface Post {
  channel: string;
  /** Null until it is known where Slack has it. */
  ts: string | null;
  version: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Whether no earlier run can have posted it. */
  first: boolean;
}

/** How far Slack's clock may be from the database's when an earlier run's message is looked for. */
const CLOCK_SKEW_MS = 10 * 60_000;

/** The row of a message, made before anything is posted. */
export async function claim(db: PoolClient, key: string, channel: string): Promise<Post> {
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

/**
 * The `ts` of the message: known, or found in the channel, where a run that died left it; null when it is still to be
 * posted. Throws a VendorError.
 */
export async function find(slack: Slack, key: string, post: Post): Promise<string | null> {
  if (post.ts !== null || post.first) return post.ts;
  return slack.findByMetadata(post.channel, key, post.createdAt - CLOCK_SKEW_MS);
}

/** Notes that Slack has the message at `ts`, and which version of the ticket it shows. */
export async function keep(db: PoolClient, key: string, ts: string, version: number): Promise<void> {
  await db.query({
    name: 'slack-keep',
    text: 'update slack_posts set ts = $2, version = greatest(version, $3) where key = $1',
    values: [key, ts, version],
  });
}

/** Does `work` while nobody else works under `key`; the lock lives as long as the connection that `work` is given. */
export async function oneAtATime<T>(pool: Pool, key: string, work: (db: PoolClient) => Promise<T>): Promise<T> {
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
