/**
 * Tells on a channel that something was committed, after the commit and not in it: PostgreSQL lets transactions that tell
 * commit one after the other only, each waiting for the disk, and recording would be four times as slow.
 *
 * Does not promise that a word is told: a process may die in between. Who listens looks for himself every few seconds.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';

/** Answers a function to be called after each commit; while a word is on its way, all that come share the next one. */
export function createAnnouncer(pool: Pool, channel: string, logger: Logger): () => void {
  let telling = false;
  let again = false;

  async function tell(): Promise<void> {
    telling = true;
    try {
      do {
        again = false;
        await pool.query({ name: 'announce', text: `select pg_notify($1, '')`, values: [channel] });
      } while (again);
    } finally {
      telling = false;
    }
  }

  return () => {
    again = true;
    if (telling) return;
    tell().catch((error: unknown) => {
      logger.warn({ err: error, channel }, 'A change could not be told; whoever listens finds it at his next look.');
    });
  };
}
