import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { followBySocket, type SocketFollowing } from './live-desk.ts';
import { startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
let socket: SocketFollowing;

beforeAll(async () => {
  on = await startTicketDesk();
  socket = await followBySocket(on.api, on.userId, { key: on.key });
});
afterAll(async () => {
  socket.close();
  await on.close();
});

function told(reference: string): string[] {
  return socket.frames.flatMap((one) =>
    one.type !== 'agent_status' && one.data.reference === reference ? one.data.event : [],
  );
}

test('everything that happens to a ticket is told, in the order of its timeline', async () => {
  const { id, reference } = await on.open();
  await on.post(`/tickets/${id}/assign`, { agentId: on.userId });
  await on.post(`/tickets/${id}/notes`, { body: 'a canary that nobody is told' });
  const story = await on.story(id);

  await vi.waitUntil(() => told(reference).length >= story.length);

  expect(told(reference)).toEqual(story);
  expect(JSON.stringify(socket.frames)).not.toContain('canary');
  const last = socket.frames.findLast((one) => one.type === 'ticket_update' && one.data.reference === reference);
  expect(last?.data).toMatchObject({ id, status: 'open', assignee: { id: on.userId, name: 'Ada' } });
  expect(socket.frames.filter(({ type }) => type === 'new_ticket')).toHaveLength(1);
});

test('a command is told at once, and not with the next look', async () => {
  const { id, reference } = await on.open();
  for (const priority of ['high', 'low', 'high', 'low', 'high', 'low']) {
    const before = told(reference).length;
    const { status } = await on.patch(`/tickets/${id}`, { priority });
    expect(status).toBe(200);
    // Looks are two seconds apart.
    await vi.waitUntil(() => told(reference).length > before, { timeout: 1_000, interval: 5 });
  }
});
