/**
 * A desk that only receives: it keeps the raw bytes and headers of what a simulator sends, and answers as told.
 *
 * With `hold` it answers nobody before that many requests are there, which only requests sent at once can reach.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export type Received = { path: string; headers: IncomingHttpHeaders; raw: string };

export async function startReceivingDesk(reply: (got: Received) => object = () => ({ accepted: true }), hold = 1) {
  const received: Received[] = [];
  const all = Promise.withResolvers<void>();
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const got = { path: request.url ?? '', headers: request.headers, raw: await text(request) };
    received.push(got);
    if (received.length >= hold) all.resolve();
    await all.promise;
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(reply(got)));
  };
  const server = createServer((request, response) => void receive(request, response));
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiving desk has no port.');
  const close = async () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  };
  return { url: `http://127.0.0.1:${address.port}`, received, close };
}

/** Sends JSON and returns the status and the parsed answer, undefined where there was none. */
export async function send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, headers: { 'Content-Type': 'application/json', ...headers }, ...init });
  const answer = await response.text();
  const parsed: unknown = answer === '' ? undefined : JSON.parse(answer);
  return { status: response.status, headers: response.headers, body: parsed };
}
