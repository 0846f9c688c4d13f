/** Where a follower's frames go: a WebSocket or a stream of events, which end alike and hold back alike. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Frame } from './frames.ts';

/** Why a follower is let go; the codes are those of the WebSocket, from 4000 on of our own making. */
export const ENDINGS = {
  signedOut: { code: 4401, reason: 'The session or the key ended, or its rights changed: sign in and connect again.' },
  slow: { code: 4408, reason: 'Frames were not read in time: connect again with lastEventId for what was missed.' },
  stopping: { code: 1001, reason: 'The desk stops: connect again with lastEventId.' },
  broken: { code: 1011, reason: 'The desk could not go on: connect again with lastEventId.' },
  spoken: { code: 1008, reason: 'Nothing is taken here: send requests to the API.' },
} as const satisfies Record<string, { code: number; reason: string }>;

export type Ending = keyof typeof ENDINGS;

/** How long one who is let go has to read to the end. */
export const LAST_WORDS_MS = 5_000;

export interface Outlet {
  readonly open: boolean;
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>;
  /** Bytes that were sent and not taken yet. */
  readonly waiting: number;
  /** Sends them together; nothing once it is no longer open. */
  send(frames: readonly Frame[]): void;
  /** Resolves when what was sent is on its way, and when there is nobody left to send it to. */
  drained(): Promise<void>;
  /** Notes that all up to the place named `id` was sent, where the reader can keep it. */
  mark(id: string): void;
  /** Shows that the desk is there, and ends a peer that is not. */
  beat(): void;
  /** Tells why and ends; resolves when the connection is closed. */
  end(why: Ending, patienceMs?: number): Promise<void>;
}

/** Resolves when `stream` has handed on what was written to it, or is closed. */
export async function drainOf(stream: Writable): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return;
  const over = new AbortController();
  try {
    await Promise.race([
      once(stream, 'drain', { signal: over.signal }),
      once(stream, 'close', { signal: over.signal }),
    ]);
  } catch (error) {
    // A connection that broke has nothing more to hand on.
    if (!stream.destroyed) throw error;
  } finally {
    over.abort();
  }
}
