/**
 * Frames over a WebSocket, one message each. A peer that does not answer a ping until the next one is gone. What the peer
 * says is not listened to: whoever sends anything is let go.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { drainOf, ENDINGS, LAST_WORDS_MS, type Outlet } from './outlet.ts';

/** The outlet over `webSocket`, which lies upon `connection`. */
export function socketOutlet(webSocket: WebSocket, connection: Duplex): Outlet {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let heard = true;
  webSocket.on('close', () => resolve());
  webSocket.on('pong', () => (heard = true));
  const outlet: Outlet = {
    closed,
    get open() {
      return webSocket.readyState === webSocket.OPEN;
    },
    get waiting() {
      return webSocket.bufferedAmount;
    },
    send(frames) {
      if (!outlet.open || frames.length === 0) return;
      // Written as one: whoever is behind catches up the faster.
      connection.cork();
      for (const { bytes } of frames) webSocket.send(bytes, { binary: false });
      connection.uncork();
    },
    drained: () => drainOf(connection),
    // A frame is all that there is to say; its own id is in it.
    mark: () => undefined,
    beat() {
      if (!heard) return webSocket.terminate();
      heard = false;
      if (outlet.open) webSocket.ping();
    },
    async end(why, patienceMs = LAST_WORDS_MS) {
      const { code, reason } = ENDINGS[why];
      webSocket.close(code, reason);
      const patience = setTimeout(() => webSocket.terminate(), patienceMs);
      await closed;
      clearTimeout(patience);
    },
  };
  webSocket.once('message', () => void outlet.end('spoken'));
  return outlet;
}
