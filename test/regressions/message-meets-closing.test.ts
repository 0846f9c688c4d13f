import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FrontDesk, startFrontDesk } from '../support/front-desk.ts';

const CONVERSATIONS = 12;

let on: FrontDesk;
beforeAll(async () => {
  on = await startFrontDesk();
});
afterAll(() => on.close());

async function count(from: string): Promise<number> {
  const { rows } = await on.desk.db.pool.query<{ count: number }>(`select count(*)::integer from ${from}`);
  return rows[0]?.count ?? 0;
}

const hear = (conversation: number, text: string) =>
  on.hear({ from: { email: `c${conversation}@example.com` }, conversationId: `cnv_meets${conversation}`, text });

// A message that its ticket refuses, because it was closed a moment before, goes back to the ledger while the relay still
// holds the row.
test('messages that meet the closing of their ticket are all kept, in it or in a follow-up', async () => {
  const conversations = Array.from({ length: CONVERSATIONS }, (_, index) => index);
  const ids = await Promise.all(conversations.map((conversation) => hear(conversation, 'First')));
  await Promise.all([
    ...ids.map((id) => on.api.ask('POST', `/api/v1/tickets/${id}/status`, { key: on.key, json: { status: 'closed' } })),
    ...conversations.flatMap((conversation) => [hear(conversation, 'Second'), hear(conversation, 'Third')]),
  ]);
  expect(await count("inbox where state <> 'applied'")).toBe(0);
  expect(await count('messages')).toBe(3 * CONVERSATIONS);
});
