import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await startDesk();
});
afterAll(() => desk.stop());

const CONVERSATIONS = 12;

async function count(from: string): Promise<number> {
  const { rows } = await desk.pool.query<{ count: number }>(`select count(*)::integer from ${from}`);
  return rows[0]?.count ?? 0;
}

const write = (conversation: number, body: string) =>
  desk.sim('front', 'POST', 'events', {
    conversationId: `cnv_meets${conversation}`,
    subject: 'Hello',
    body,
    from: { email: `c${conversation}@example.com`, name: 'C' },
  });

// A message that its ticket refuses, because it was closed a moment before, goes back to the ledger while the relay still
// holds the row.
test('messages that meet the closing of their ticket are all kept, in it or in a follow-up', async () => {
  const conversations = Array.from({ length: CONVERSATIONS }, (_, index) => index);
  await Promise.all(conversations.map((conversation) => write(conversation, 'First')));
  await eventually(async () => (await count("tickets where status = 'open'")) === CONVERSATIONS);
  const { rows } = await desk.pool.query<{ id: string }>('select id from tickets');
  await Promise.all([
    ...rows.map(({ id }) => desk.ask('POST', `/api/v1/tickets/${id}/status`, { status: 'closed' })),
    ...conversations.flatMap((conversation) => [write(conversation, 'Second'), write(conversation, 'Third')]),
  ]);
  await eventually(async () => (await count('messages')) === 3 * CONVERSATIONS);
  await eventually(async () => (await count("inbox where state <> 'applied'")) === 0);
  expect(await count('messages')).toBe(3 * CONVERSATIONS);
});
