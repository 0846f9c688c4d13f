/** A desk for tests of a ticket's life over HTTP: API and workers around one database, and how to act on it. */
import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { startTickets, type TestTickets } from '../support/tickets.ts';
import { type Answer, type Parts, startApi, type TestApi } from './support.ts';

export interface TicketDesk {
  desk: TestTickets;
  api: TestApi;
  key: string;
  userId: string;
  post(path: string, json?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, json: unknown, headers?: Record<string, string>): Promise<Answer>;
  remove(path: string, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** A ticket that was triaged and is open, with `over` in its request. */
  open(over?: Record<string, unknown>): Promise<{ id: string; reference: string }>;
  /** The types of what happened to the ticket, in order. */
  story(id: string): Promise<string[]>;
  /** The newest event of the type, as the timeline shows it. */
  event(id: string, type: string): Promise<{ data: Record<string, unknown>; actor: { id: string | null } }>;
  close(): Promise<void>;
}

/** Starts the desk, with `parts` of one's own in its API and `vendors` in its workers; the caller acts as an agent. */
export async function startTicketDesk(
  parts: Parts = {},
  vendors: Parameters<typeof startTickets>[0] = {},
): Promise<TicketDesk> {
  const desk = await startTickets(vendors);
  const api = await startApi({ ...parts, db: desk.db, client: desk.client, prefix: desk.prefix });
  const { key, userId } = await api.newKey('agent');
  const post: TicketDesk['post'] = (path, json, headers = {}) =>
    api.ask('POST', `/api/v1${path}`, { key, headers, ...(json !== undefined && { json }) });
  const get: TicketDesk['get'] = (path) => api.ask('GET', `/api/v1${path}`, { key });
  return {
    desk,
    api,
    key,
    userId,
    post,
    get,
    patch: (path, json, headers = {}) => api.ask('PATCH', `/api/v1${path}`, { key, json, headers }),
    remove: (path, headers = {}) => api.ask('DELETE', `/api/v1${path}`, { key, headers }),
    async open(over = {}) {
      const requester = { email: `${randomUUID()}@example.com`, name: 'Grace' };
      const { status, body } = await post('/tickets', { subject: 'Hello', body: 'A question', requester, ...over });
      expect([status, body.detail]).toEqual([201, undefined]);
      const { id, reference } = body;
      // Triaged, and its draft is there: nothing changes it any more by itself.
      await vi.waitUntil(async () => (await desk.read(id))?.effects.length === 0, { timeout: 20_000 });
      return { id, reference };
    },
    async story(id) {
      const { body } = await get(`/tickets/${id}/timeline?limit=100`);
      return body.items.map(({ type }: { type: string }) => type);
    },
    async event(id, type) {
      const { body } = await get(`/tickets/${id}/timeline?limit=100`);
      return body.items.findLast((one: { type: string }) => one.type === type);
    },
    async close() {
      await api.close();
      await desk.stop();
    },
  };
}

/** A header that makes a request repeatable. */
export function idempotent(name: string = randomUUID()): Record<string, string> {
  return { 'Idempotency-Key': name };
}
