/**
 * The way from HTTP to a WebSocket. A request to upgrade goes through the API's middleware like any other, so it is logged,
 * counted, limited and refused as they are, with an answer in HTTP; only a handler that takes it makes a WebSocket of it.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { DeskError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { LAST_WORDS_MS } from './outlet.ts';

/** The subprotocol under which a browser gives its token, because it can set no header. */
const TOKEN_PROTOCOL = 'bearer';
/** The most that a message of the other side may have; nothing but pongs is expected of it. */
const MOST_BYTES = 1024;
const KEY = /^[+/0-9A-Za-z]{22}==$/;

interface Taken {
  webSocket: WebSocket;
  connection: Duplex;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Upgrades {
  /** Runs an upgrade request through `answer`, which is the API's; for a server's event `upgrade`. */
  receive: (answer: Answer) => (request: IncomingMessage, connection: Duplex, head: Buffer) => void;
  /** Throws `upgrade_required` for what is no handshake, and `forbidden` for one from a page of another site. */
  check(ctx: Context): void;
  /** Makes a WebSocket of the request; `onError` is told what goes wrong with it. Throws `upgrade_required` when it cannot. */
  take(ctx: Context, onError: (error: Error) => void): Promise<Taken>;
}

/** Whether a request is one for {@link Upgrades}; others that ask for an upgrade are answered as if they did not. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** The upgrades of one server. */
export function createUpgrades(): Upgrades {
  const handshakes = new WeakMap<IncomingMessage, { connection: Duplex; head: Buffer }>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has(TOKEN_PROTOCOL) ? TOKEN_PROTOCOL : false),
  });

  async function run(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await answer(request, response);
    const { socket } = request;
    // Who took it has the connection now. Otherwise there is an answer, written while it had no connection.
    if (!handshakes.has(request) || socket.destroyed) return;
    response.once('finish', () => socket.end().setTimeout(LAST_WORDS_MS, () => socket.destroy()));
    response.assignSocket(socket);
  }

  return {
    receive: (answer) => (request, connection, head) => {
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      // Also when the peer goes away before anybody looks.
      connection.on('error', () => connection.destroy());
      if (!isFree(request.socket, response)) return void connection.destroy();
      handshakes.set(request, { connection, head });
      moveToken(request);
      void run(answer, request, response);
    },
    check(ctx) {
      const { headers } = ctx.req;
      const isHandshake = KEY.test(headers['sec-websocket-key'] ?? '') && headers['sec-websocket-version'] === '13';
      if (!handshakes.has(ctx.req) || !isHandshake) {
        ctx.set({ Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' });
        throw new DeskError(
          'upgrade_required',
          `${ctx.path} is a WebSocket; connect to it with version 13 of the protocol.`,
        );
      }
      if (headers.origin !== undefined && hostOf(headers.origin) !== headers.host) {
        const detail = `The origin "${headers.origin.slice(0, 100)}" is not this desk; connect from a page of ${ctx.host}.`;
        throw new DeskError('forbidden', detail);
      }
    },
    take(ctx, onError) {
      const handshake = handshakes.get(ctx.req);
      if (handshake === undefined) throw new Error('The request was taken before, or asks for no WebSocket.');
      handshakes.delete(ctx.req);
      const { connection, head } = handshake;
      const { promise, resolve, reject } = Promise.withResolvers<Taken>();
      const refuse = () => {
        const detail = 'The handshake is not well-formed, or was broken off; connect again.';
        reject(new DeskError('upgrade_required', detail));
      };
      connection.once('close', refuse);
      if (connection.destroyed) refuse();
      server.handleUpgrade(ctx.req, connection, head, (webSocket) => {
        // Before it reads what came with the handshake, which may be wrong already.
        webSocket.on('error', onError);
        resolve({ webSocket, connection });
      });
      ctx.respond = false;
      ctx.status = 101;
      return promise;
    },
  };
}

/** Whether no answer to an earlier request is still on its way over the connection. */
function isFree(socket: Socket, response: ServerResponse): boolean {
  try {
    response.assignSocket(socket);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_HTTP_SOCKET_ASSIGNED') return false;
    throw error;
  }
  response.detachSocket(socket);
  return true;
}

/** A browser's token, given as `Sec-WebSocket-Protocol: bearer, <token>`, stands where everybody else's does. */
function moveToken({ headers }: IncomingMessage): void {
  if (headers.authorization !== undefined) return;
  const [name, token, ...more] = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  if (name === TOKEN_PROTOCOL && token !== undefined && more.length === 0) headers.authorization = `Bearer ${token}`;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
