/**
 * Mail that answers by itself: the desk acknowledges nothing, a person's reply to such a mailbox is the last, and a bot that
 * answers it is stopped.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOpen, type Reading, reading } from '../e2e/reading.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';

const MANY = 6;

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
}, 60_000);
afterAll(() => desk.stop());

/** What went out to customers through Front, all in all. */
async function sent() {
  const calls = await desk.calls<{ text: string }>('front', '/');
  return calls.filter(({ method }) => method !== 'GET');
}

/** Waits until the ticket has `count` messages of its customer's, a draft for the newest, and nothing to do. */
async function isQuiet(ticketId: string, count: number): Promise<void> {
  await eventually(async () => {
    const { rows } = await desk.pool.query(
      `select from tickets t where id = $1 and not owes and state -> 'outbox' = '[]'
         and state ->> 'newestMessageId' = state #>> '{draft,messageId}'
         and $2 = (select count(*) from messages where ticket_id = t.id and direction = 'inbound')`,
      [ticketId, count],
    );
    return rows.length > 0;
  });
}

/** Lets the customer's mailbox answer, in the words that it got, and as most of them do under another subject. */
function answerByItself(conversationId: string, words: string, from?: { email: string }) {
  const body = `I am away until Monday. You wrote: ${words}`;
  return eyes.write(conversationId, body, { subject: 'Automatic reply: Order 7', ...(from && { from }) });
}

describe('a customer’s first message', () => {
  test('is acknowledged by nothing, whether it came from Front or by the API', async () => {
    const byFront = await eyes.newTicket('cnv_first', 'My card number is 4111.', isOpen);
    const byApi = await desk.ask<{ id: string }>('POST', '/api/v1/tickets', {
      subject: 'Order 8',
      body: 'My card number is 4111.',
      requester: { email: 'grace@example.com' },
    });
    for (const { id } of [byFront, byApi]) {
      await isQuiet(id, 1);
      expect((await eyes.messages(id)).map(({ direction }) => direction)).toEqual(['inbound']);
    }
    expect(await sent()).toEqual([]);
  });
});

describe('a mailbox that answers each mail by itself', () => {
  test('gets the one reply that a person approved, and that is the end of it', async () => {
    const before = (await sent()).length;
    const { id } = await eyes.newTicket('cnv_away', 'Where is my order?', isOpen);
    await eyes.decide(id, (await eyes.draft(id)).id, 'approve');
    await eyes.reply(id, 'sent');

    let answered = before;
    const rounds: number[] = [];
    while (rounds.length < MANY && rounds.at(-1) !== 0) {
      const fresh = (await sent()).slice(answered);
      for (const { body } of fresh) await answerByItself('cnv_away', body.text);
      answered += fresh.length;
      rounds.push(fresh.length);
      await isQuiet(id, 1 + answered - before);
    }
    expect(rounds).toEqual([1, 0]);

    // One that does not stop of itself, and one that begins a conversation of its own.
    for (let n = 0; n < MANY; n += 1) await answerByItself('cnv_away', 'nothing');
    await isQuiet(id, 2 + MANY);
    await answerByItself('cnv_awayagain', 'nothing');
    const { id: apart } = await eyes.ticketOf('cnv_awayagain', isOpen);
    await isQuiet(apart, 1);
    expect(await sent()).toHaveLength(before + 1);
    const directions = (await eyes.messages(id)).map(({ direction }) => direction);
    expect(directions).toEqual(['inbound', 'outbound', ...Array.from({ length: 1 + MANY }, () => 'inbound')]);
    const states = (await eyes.drafts(id)).map(({ state }) => state);
    expect([states[0], states.at(-1)]).toEqual(['approved', 'proposed']);
    expect(states.slice(1, -1).every((state) => state === 'stale')).toBe(true);
  });

  test('and a bot that answers each message come to an end, in whichever conversations, and a person may go on', async () => {
    const bot = await newBot();
    const from = { email: 'robot@example.com' };
    await eyes.write('cnv_robot', 'Where is my order?', { from });
    let { id } = await eyes.ticketOf('cnv_robot', isOpen);
    await isQuiet(id, 1);
    await hasAnswered(id, 17);
    const before = (await sent()).length;
    const statuses: number[] = [];
    while (statuses.length < MANY && statuses.at(-1) !== 429) {
      const { status } = await bot(`/api/v1/tickets/${id}/messages`, { body: 'Please tell us your order’s number.' });
      statuses.push(status);
      if (status !== 201) break;
      const { body: words } = await eyes.reply(id, 'sent');
      const conversationId = `cnv_robot${statuses.length}`;
      await answerByItself(conversationId, words, from);
      ({ id } = await eyes.ticketOf(conversationId, isOpen));
      await isQuiet(id, 1);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect(await sent()).toHaveLength(before + 3);
    const draft = await eyes.draft(id);
    const decision = await bot(`/api/v1/tickets/${id}/drafts/${draft.id}/decision`, { decision: 'approve' });
    expect([decision.status, decision.body.code]).toEqual([429, 'recipient_flooded']);

    await eyes.decide(id, draft.id, 'approve');
    await eyes.reply(id, 'sent');
    expect(await sent()).toHaveLength(before + 4);
  });
});

/** A bot's way to ask the desk. */
async function newBot() {
  const user = { email: 'bot@holdfast.test', name: 'Bot', role: 'bot' };
  const { id: userId } = await desk.ask<{ id: string }>('POST', '/api/v1/users', user);
  const { apiKey } = await desk.ask<{ apiKey: string }>('POST', '/api/v1/api-keys', { name: 'bot', userId });
  return async (path: string, json: object): Promise<{ status: number; body: { code?: string } }> => {
    const answer = await fetch(desk.url + path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(json),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
}

/** Records `count` replies of a bot's in the ticket, as of ten minutes ago. */
async function hasAnswered(ticketId: string, count: number): Promise<void> {
  await desk.pool.query(
    `with words as (
       insert into texts (id, body) select gen_random_uuid(), 'Hello' from generate_series(1, $2::integer) returning id
     )
     insert into messages (id, ticket_id, direction, author_kind, text_id, state, created_at)
     select gen_random_uuid(), $1, 'outbound', 'bot', id, 'sent', now() - interval '10 minutes' from words`,
    [ticketId, count],
  );
}
