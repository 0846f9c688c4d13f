/**
 * Frames as server-sent events, over an answer that does not end. Comments say what is for people; after a frame that has
 * an id a reader that comes back names it in `Last-Event-ID` by itself.
 */
import type { ServerResponse } from 'node:http';
import type { Frame } from './frames.ts';
import { drainOf, ENDINGS, LAST_WORDS_MS, type Outlet } from './outlet.ts';

const RETRY_MS = 2_000;

/** The outlet over `response`, whose head is sent by it. */
export function streamOutlet(response: ServerResponse): Outlet {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let ended = false;
  response.on('close', () => resolve());
  // He may have gone while he was let in; that is not told again.
  if (response.destroyed) resolve();
  // What arrives in small parts is read at once.
  response.socket?.setNoDelay(true);
  // With the stream ends the connection, so that a process that stops does not wait for the next request on it.
  response.shouldKeepAlive = false;
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const outlet: Outlet = {
    closed,
    get open() {
      return !ended && !response.destroyed;
    },
    get waiting() {
      return response.writableLength;
    },
    send(frames) {
      if (outlet.open && frames.length > 0) response.write(frames.map(blockOf).join(''));
    },
    drained: () => drainOf(response),
    mark(id) {
      if (outlet.open) response.write(`id: ${id}\n\n`);
    },
    beat() {
      if (outlet.open) response.write(':\n\n');
    },
    async end(why, patienceMs = LAST_WORDS_MS) {
      if (response.destroyed) return;
      if (!ended) response.end(`: ${ENDINGS[why].reason}\n\n`);
      ended = true;
      const patience = setTimeout(() => response.destroy(), patienceMs);
      await closed;
      clearTimeout(patience);
    },
  };
  return outlet;
}

function blockOf({ type, id, bytes }: Frame): string {
  const name = id === null ? '' : `id: ${id}\n`;
  return `${name}event: ${type}\ndata: ${bytes.toString()}\n\n`;
}
