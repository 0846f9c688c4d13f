/** What programs may send to one requester within an hour: what counts, what does not, and how it ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { replyCapStatement } from '../../api/reply-cap.ts';
import { digestOf } from '../security/untouched.ts';
import { addTickets } from './rows.ts';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

const MINUTE = 60_000;

let on: TicketDesk;
/** How far the API's clock is ahead. */
let ahead = 0;
let bot: string;
let otherBot: string;
beforeAll(async () => {
  on = await startTicketDesk({ now: () => Date.now() + ahead });
  ({ key: bot } = await on.api.newKey('bot'));
  ({ key: otherBot } = await on.api.newKey('bot'));
});
afterAll(() => on.close());

const ask = (key: string, path: string, json: object, headers = {}) =>
  on.api.ask('POST', `/api/v1/tickets/${path}`, { key, json, headers });
const reply = (key: string, id: string, headers = {}) => ask(key, `${id}/messages`, { body: 'Hello again.' }, headers);

/** Two tickets of one requester. */
async function twoTickets() {
  const requester = { email: `${randomUUID()}@example.com` };
  return [(await on.open({ requester })).id, (await on.open({ requester })).id] as const;
}

/** Puts `count` messages into the ticket as if they had been recorded `ago` milliseconds ago. */
async function said(
  id: string,
  count: number,
  { by = 'bot', direction = 'outbound', state = 'sent', ago = MINUTE } = {},
) {
  await on.desk.db.pool.query(
    `with words as (
       insert into texts (id, body) select gen_random_uuid(), 'Hello' from generate_series(1, $2::integer) returning id
     )
     insert into messages (id, ticket_id, direction, author_kind, text_id, state, created_at)
     select gen_random_uuid(), $1, $3, $4, id, $5, to_timestamp($6::float8 / 1000) from words`,
    [id, count, direction, by, state, Date.now() - ago],
  );
}

async function draftOf(id: string): Promise<string> {
  const { body } = await on.get(`/tickets/${id}/drafts`);
  return body.items.find(({ state }: { state: string }) => state === 'proposed').id;
}

describe('programs', () => {
  test('get 20 replies an hour through to a requester, on whichever tickets; one more is refused and changes nothing', async () => {
    const [one, other] = await twoTickets();
    const draftId = await draftOf(other);
    await said(one, 9);
    await said(other, 9, { by: 'integration', state: 'failed' });
    const scheduled = { body: 'Later.', sendAt: new Date(Date.now() + 2 * 60 * MINUTE).toISOString() };
    const statuses = [(await ask(bot, `${one}/messages`, scheduled)).status, (await reply(bot, one)).status];
    expect(statuses).toEqual([201, 201]);
    await vi.waitUntil(async () => (await on.desk.read(one))?.effects.length === 0, { timeout: 20_000 });

    const before = await digestOf(on.desk.db.pool);
    const refused = [
      await reply(bot, one),
      await reply(otherBot, other),
      await ask(bot, `${other}/messages`, scheduled),
      await ask(bot, `${other}/messages`, { body: 'We got it.', acknowledgement: true }),
      await ask(bot, `${other}/drafts/${draftId}/decision`, { decision: 'approve' }),
      await ask(bot, `${other}/drafts/${draftId}/decision`, { decision: 'edit', body: 'Better.' }),
    ];
    for (const { status, headers, body } of refused) {
      expect([status, body.code, body.limit]).toEqual([429, 'recipient_flooded', 20]);
      expect(body.detail).toMatch(/20 replies within an hour.* after 20\d\d-.*Z, or let a person answer/);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_400);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(3_600);
    }
    expect(await digestOf(on.desk.db.pool)).toEqual(before);
  });

  test('at their limit may discard a draft and answer others, and people may answer as ever', async () => {
    const [id] = await twoTickets();
    await said(id, 20);
    const draftId = await draftOf(id);
    const other = await on.open();
    expect((await reply(bot, id)).status).toBe(429);
    expect((await reply(bot, other.id)).status).toBe(201);
    expect((await ask(bot, `${id}/drafts/${draftId}/decision`, { decision: 'discard' })).status).toBe(200);
    expect((await reply(on.key, id)).status).toBe(201);
  });

  test('are not held up by what people said, what the customer said, what was taken back, and what is an hour old', async () => {
    const [id] = await twoTickets();
    await said(id, 19);
    await said(id, 20, { by: 'agent' });
    await said(id, 20, { by: 'customer', direction: 'inbound', state: 'received' });
    await said(id, 20, { direction: 'internal' });
    await said(id, 20, { state: 'undone' });
    await said(id, 20, { ago: 60 * MINUTE });
    expect([(await reply(bot, id)).status, (await reply(bot, id)).status]).toEqual([201, 429]);
  });

  test('are told when there is room, and the same request is then taken, also under its Idempotency-Key', async () => {
    const [id] = await twoTickets();
    await said(id, 1, { ago: 55 * MINUTE });
    await said(id, 20, { ago: 50 * MINUTE });
    const headers = idempotent();
    const refused = await reply(bot, id, headers);
    const wait = Number(refused.headers.get('retry-after'));
    expect([refused.status, Math.round(wait / 10)]).toEqual([429, 60]);
    try {
      ahead = wait * 1000;
      const taken = await reply(bot, id, headers);
      expect([taken.status, taken.headers.get('idempotency-replayed')]).toEqual([201, null]);
    } finally {
      ahead = 0;
    }
  });

  test('who ask again for a reply that was taken, because its answer was lost, get it though the limit is reached', async () => {
    const [id] = await twoTickets();
    await said(id, 19);
    const headers = idempotent('lost-answer');
    const first = await reply(bot, id, headers);
    await on.desk.db.pool.query(`delete from idempotency_keys where key = 'lost-answer'`);
    expect((await reply(bot, id)).status).toBe(429);
    const again = await reply(bot, id, headers);
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
  });
});

test('what was sent is counted by indexes, however many tickets there are', async () => {
  const { api } = on;
  await addTickets(api.db, 2_000, { from: 100_000 });
  await api.db.pool.query(
    `begin;
     set local session_replication_role = replica;
     insert into messages (id, ticket_id, direction, author_kind, text_id, state, created_at)
       select md5('reply ' || id || n)::uuid, id, 'outbound', 'bot', gen_random_uuid(), 'sent', now() - n * interval '1 day'
       from tickets, generate_series(1, 3) n where number >= 100000;
     commit;
     analyze messages, tickets;`,
  );
  const { rows: of } = await api.db.pool.query<{ id: string }>('select id from tickets where number = 100001');
  const { text, values } = replyCapStatement({ ticketId: of[0]?.id ?? '', messageId: randomUUID() }, Date.now());
  const { rows } = await api.db.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('tickets_by_requester');
  expect(plan).not.toContain('Seq Scan');
});
