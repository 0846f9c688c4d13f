/** Following the desk from the outside, over both ways, and events that happen when a test wants them. */
import { once } from 'node:events';
import { vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Database } from '../../db/orm.ts';
import type { AgentFrame, TicketFrame } from '../../api/shapes/frame.ts';
import type { TestApi } from './support.ts';

type AnyFrame = TicketFrame | AgentFrame;

interface Following {
  frames: AnyFrame[];
  /** Of the frames so far: number of the ticket and sequence of the event. */
  events(): string[];
  /** Resolves when there are as many frames of events, and answers them as {@link events} does. */
  until(count: number): Promise<string[]>;
  /** Where it is; undefined while that was not told. */
  lastEventId(): string | undefined;
  close(): void;
}

export interface SocketFollowing extends Following {
  webSocket: WebSocket;
  closed: Promise<{ code: number; reason: string }>;
}

interface Ask {
  key?: string;
  headers?: Record<string, string>;
  protocols?: string[];
  lastEventId?: string | undefined;
}

/** Connects over a WebSocket; throws an Error that names the status of a refusal. */
export async function followBySocket(api: TestApi, agentId: string, ask: Ask): Promise<SocketFollowing> {
  const query = ask.lastEventId === undefined ? '' : `?lastEventId=${encodeURIComponent(ask.lastEventId)}`;
  const webSocket = new WebSocket(`${api.url.replace('http', 'ws')}/ws/agent/${agentId}${query}`, ask.protocols ?? [], {
    headers: { ...(ask.key !== undefined && { Authorization: `Bearer ${ask.key}` }), ...ask.headers },
  });
  const frames: AnyFrame[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  webSocket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
  webSocket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  const opened = Promise.withResolvers<void>();
  webSocket.once('open', () => opened.resolve());
  webSocket.on('error', opened.reject);
  await opened.promise;
  return {
    ...following(frames),
    lastEventId: () => ticketFrames(frames).at(-1)?.data.eventId,
    webSocket,
    closed,
    close: () => webSocket.terminate(),
  };
}

export interface Refusal {
  status: number | undefined;
  type: string | undefined;
  body: { code: string; detail: string };
}

/** What is answered to a handshake that is refused. */
export async function refusalOf(api: TestApi, agentId: string, ask: Ask): Promise<Refusal> {
  const webSocket = new WebSocket(`${api.url.replace('http', 'ws')}/ws/agent/${agentId}`, ask.protocols ?? [], {
    headers: { ...(ask.key !== undefined && { Authorization: `Bearer ${ask.key}` }), ...ask.headers },
  });
  const [request, response] = await once(webSocket, 'unexpected-response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  request.destroy();
  const body = JSON.parse(Buffer.concat(chunks).toString());
  return { status: response.statusCode, type: response.headers['content-type'], body };
}

export interface StreamFollowing extends Following {
  /** All that came, comments too. */
  text(): string;
  ended: Promise<void>;
}

/** Connects to the stream of events; throws an Error with the answer of a refusal. */
export async function followByStream(api: TestApi, { key = '', lastEventId }: Ask): Promise<StreamFollowing> {
  const over = new AbortController();
  const answer = await fetch(`${api.url}/api/v1/events`, {
    headers: { Authorization: `Bearer ${key}`, ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }) },
    signal: over.signal,
  });
  if (!answer.ok || answer.body === null) throw new Error(`${answer.status} ${await answer.text()}`);
  const frames: AnyFrame[] = [];
  let text = '';
  let last: string | undefined;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const take = (block: string) => {
    for (const line of block.split('\n')) {
      if (line.startsWith('id: ')) last = line.slice(4);
      if (line.startsWith('data: ')) frames.push(JSON.parse(line.slice(6)));
    }
  };
  const read = async (body: AsyncIterable<Uint8Array>) => {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        blocks.forEach(take);
      }
    } catch (error) {
      if (!over.signal.aborted) throw error;
    }
    resolve();
  };
  void read(answer.body);
  return { ...following(frames), lastEventId: () => last, text: () => text, ended, close: () => over.abort() };
}

function following(frames: AnyFrame[]) {
  const events = () => ticketFrames(frames).map(({ data }) => `${data.reference.slice(2)}:${data.sequence}`);
  return {
    frames,
    events,
    async until(count: number) {
      await vi.waitUntil(() => events().length >= count, { timeout: 20_000, interval: 10 });
      return events();
    },
  };
}

function ticketFrames(frames: readonly AnyFrame[]): TicketFrame[] {
  return frames.flatMap((frame) => (frame.type === 'agent_status' ? [] : [frame]));
}

let sequence = 1_000;

/** Records an event of the ticket with this number, and says so when it is committed; answers `number:sequence`. */
export async function happen(
  pool: Pick<Database['pool'], 'query'>,
  number: number,
  type = 'ticket.changed',
): Promise<string> {
  sequence += 1;
  await pool.query(
    `with told as (select pg_notify('ticket_events', ''))
     insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
     select id, $2, $3, now(), 'system', 'a test', '{}' from tickets, told where number = $1`,
    [number, sequence, type],
  );
  return `${number}:${sequence}`;
}
