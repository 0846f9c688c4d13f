/**
 * Work that is there to be found in the database: done at the start, when a channel tells of more, and every few seconds
 * for what was never told. Does not promise to be told: a broken connection is replaced, and the sweep covers that time.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { counts } from '../integrations/counts.ts';

export interface Sweep {
  /** Runs until stopped; resolves when the work under way is finished. */
  run(): Promise<void>;
  stop(): void;
}

export interface SweepOptions {
  pool: Pool;
  logger: Logger;
  /** The channel of NOTIFY that tells of work; null where nothing does. */
  channel: string | null;
  everyMs: number;
  /** What it is called in the log, such as `the settings follower`. */
  name: string;
  /** Does what there is to do; `stopped` ends it early. What it throws is logged, and it is called again. */
  work(stopped: AbortSignal): Promise<void>;
}

/** @example createSweep({ pool, logger, channel: 'settings', everyMs: 5_000, name: 'the settings follower', work }).run() */
export function createSweep(options: SweepOptions): Sweep {
  const stopped = new AbortController();
  let wake = new AbortController();
  return {
    async run() {
      const { channel, name: sweep } = options;
      // So that the first failure is a step up from none.
      counts().sweepFailures.add(0, { sweep });
      const listening = channel === null ? null : listen(options, channel, () => wake.abort(), stopped.signal);
      while (!stopped.signal.aborted) {
        wake = new AbortController();
        try {
          await options.work(stopped.signal);
        } catch (error) {
          options.logger.warn({ err: error }, `${sweep} could not work; it tries again`);
          counts().sweepFailures.add(1, { sweep });
        }
        await idle(options.everyMs, AbortSignal.any([wake.signal, stopped.signal]));
      }
      await listening;
    },
    stop: () => stopped.abort(),
  };
}

async function idle(ms: number, woken: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal: woken });
  } catch (error) {
    // Woken early, which is what the signal is for.
    if (!woken.aborted) throw error;
  }
}

/** Listens on a connection of its own, and opens another when that one breaks. */
async function listen(
  { pool, logger, everyMs, name }: SweepOptions,
  channel: string,
  onNotify: () => void,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      const client = await pool.connect();
      client.on('notification', onNotify);
      const broken = new Promise<void>((resolve) => client.once('error', () => resolve()));
      const ended = new Promise<void>((resolve) => {
        stopped.addEventListener('abort', () => resolve(), { once: true });
        // It may have been stopped while the connection was opened; that is not told again.
        if (stopped.aborted) resolve();
      });
      try {
        await client.query(`listen ${channel}`);
        // What was told before somebody listened.
        onNotify();
        await Promise.race([broken, ended]);
      } finally {
        client.release(true);
      }
    } catch (error) {
      logger.warn({ err: error }, `${name} cannot listen; it sweeps instead`);
      await idle(everyMs, stopped);
    }
  }
}
