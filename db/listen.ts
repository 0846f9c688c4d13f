/**
 * Listening to channels of PostgreSQL on a connection of its own, which is replaced when it breaks.
 *
 * Does not promise to hear everything: what was told while there was no connection is lost, so whoever listens looks for
 * himself each time that he is connected.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Notification, Pool } from 'pg';

export interface Listening {
  channels: readonly string[];
  /** All channels are listened to from now on; called again after each break. */
  onConnected(): void;
  onNotify(channel: string, payload: string): void;
  /** There is no connection; another is opened after a while. */
  onBroken(error: unknown): void;
  retryMs: number;
}

/** Listens until `stopped`; resolves when the connection was given back. */
export async function listen(pool: Pool, listening: Listening, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    try {
      await listenOnce(pool, listening, stopped);
    } catch (error) {
      if (stopped.aborted) return;
      listening.onBroken(error);
      await pause(listening.retryMs, stopped);
    }
  }
}

async function listenOnce(pool: Pool, listening: Listening, stopped: AbortSignal): Promise<void> {
  const client = await pool.connect();
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  // The statements below may fail first, for the same reason.
  over.catch(() => 'whoever waits for it is told');
  const stop = () => resolve();
  client.on('error', reject);
  client.on('end', () => reject(new Error('The connection that listened was closed.')));
  client.on('notification', ({ channel, payload }: Notification) => listening.onNotify(channel, payload ?? ''));
  stopped.addEventListener('abort', stop, { once: true });
  // It may have been stopped while the connection was opened; that is not told again.
  if (stopped.aborted) resolve();
  try {
    await client.query(listening.channels.map((channel) => `listen ${channel}`).join('; '));
    listening.onConnected();
    await over;
  } finally {
    stopped.removeEventListener('abort', stop);
    client.removeAllListeners('notification');
    client.release(true);
  }
}

async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal: stopped });
  } catch (error) {
    // Stopped early, which is what the signal is for.
    if (!stopped.aborted) throw error;
  }
}
