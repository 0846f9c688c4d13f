/** A vendor that tells what it was told: before another server, it answers a wish for trouble with the request itself. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** `0` breaks the connection off. */
type Trouble = { status: number; left: number };

export interface Tattler {
  url: string;
  /** How many requests were answered with trouble. */
  readonly told: number;
  /** The next `count` requests whose path holds `path` are answered with `status` and all that they said. */
  trouble(status: number, count?: number, path?: string): void;
  close(): Promise<void>;
}

/** Starts it on a free port; what is not to go wrong goes on to `behind`. */
export async function startTattler(
  behind: (request: IncomingMessage, body: Buffer) => Promise<Response>,
): Promise<Tattler> {
  const troubles = new Map<string, Trouble>();
  let told = 0;
  const server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      const found = [...troubles].find(([path, { left }]) => left > 0 && request.url?.includes(path) === true);
      if (found === undefined) return pass(await behind(request, body), response);
      found[1].left -= 1;
      told += 1;
      const { status } = found[1];
      if (status === 0) return void request.socket.destroy();
      const words = everything(request, body);
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'X-Told': words.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 4000),
      });
      return void response.end(JSON.stringify(inAllShapes(status, words)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The tattler has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get told() {
      return told;
    },
    trouble: (status, count = 1, path = '/') => void troubles.set(path, { status, left: count }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes requests on to the server that is at `place` then. */
export function to(place: () => string) {
  return (request: IncomingMessage, body: Buffer): Promise<Response> => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!['host', 'connection', 'content-length', 'transfer-encoding', 'expect'].includes(name))
        headers.set(name, String(value));
    }
    const { method = 'GET', url: path = '/' } = request;
    return fetch(`${place()}${path}`, { method, headers, ...(body.length > 0 && { body: new Uint8Array(body) }) });
  };
}

async function pass(answer: Response, response: ServerResponse): Promise<void> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  const type = answer.headers.get('content-type');
  const length = answer.headers.get('content-length');
  response.writeHead(answer.status, {
    ...(type !== null && { 'Content-Type': type }),
    ...(bytes.length === 0 && length !== null && { 'Content-Length': length }),
  });
  response.end(bytes);
}

/** Credentials first, because a reader may stop early. */
function everything({ headers, method, url }: IncomingMessage, body: Buffer): string {
  const { authorization, 'x-api-key': key } = headers;
  return [authorization, key, body.toString('utf8').slice(0, 1000), method, url, JSON.stringify(headers)].join(' ');
}

/** As each of the vendors words what went wrong. */
function inAllShapes(status: number, words: string): object {
  return {
    ok: false,
    _error: { status, title: words, message: words },
    message: words,
    errors: [words],
    error: { message: words, code: words, type: words, param: words, errors: [words] },
    detail: words,
  };
}
