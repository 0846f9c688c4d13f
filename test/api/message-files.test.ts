import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Role } from '../../domain/permissions.ts';
import { announce, sentFile } from './attachment-files.ts';
import { scopedKey } from './scoped-keys.ts';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
let ticket: { id: string; reference: string };
beforeAll(async () => {
  on = await startTicketDesk();
  ticket = await on.open();
});
afterAll(() => on.close());

const file = (name?: string, bytes?: string) => sentFile(on.api, on.key, name, bytes);
const read = (id: string, key = on.key) => on.api.ask('GET', `/api/v1/attachments/${id}`, { key });
const messages = async (id: string) => (await on.get(`/tickets/${id}/messages?limit=100`)).body.items;

describe('a message', () => {
  test('shows its files in their order, in its answer, by itself and in the list; each knows its message', async () => {
    const files = [await file('b.txt', 'Second'), await file('a.txt', 'First')];
    const { status, body } = await on.post(`/tickets/${ticket.id}/messages`, { body: 'See here.', attachments: files });
    const shown = [
      { id: files[0], name: 'b.txt', type: 'text/plain', size: 6 },
      { id: files[1], name: 'a.txt', type: 'text/plain', size: 5 },
    ];
    expect([status, body.attachments]).toEqual([201, shown]);
    expect((await on.get(`/tickets/${ticket.id}/messages/${body.id}`)).body.attachments).toEqual(shown);
    expect((await messages(ticket.id)).at(-1).attachments).toEqual(shown);
    const { body: first } = await read(files[0] ?? '');
    expect([first.messageId, first.ticketId]).toEqual([body.id, ticket.id]);
    expect(await (await fetch(first.download.url)).text()).toBe('Second');
    expect((await messages(ticket.id))[0].attachments).toEqual([]);
  });

  test('repeated under its Idempotency-Key has its files once', async () => {
    const attachments = [await file()];
    const key = idempotent();
    const ask = () => on.post(`/tickets/${ticket.id}/notes`, { body: 'Once.', attachments }, key);
    const [first, second] = [await ask(), await ask()];
    expect([first.status, second.body]).toEqual([201, first.body]);
    // As after a crash that lost the answer: the same command comes again, and finds its file with its message.
    await on.desk.db.pool.query('delete from idempotency_keys');
    const third = await ask();
    expect([third.status, third.body]).toEqual([201, first.body]);
    expect((await messages(ticket.id)).filter(({ body }: { body: string }) => body === 'Once.')).toHaveLength(1);
  });

  test.each(['messages', 'notes'])(
    'in %s is refused, and not written, for a file that it cannot have',
    async (kind) => {
      const taken = await file();
      await on.post(`/tickets/${ticket.id}/notes`, { body: 'Taken.', attachments: [taken] });
      const { key: other } = await on.api.newKey('agent');
      const { id: unsent } = await announce(on.api, on.key, 'a', 5);
      const written = async () => (await messages(ticket.id)).map(({ body }: { body: string }) => body);
      const before = await written();
      const mine = await file();
      for (const wrong of [taken, unsent, await sentFile(on.api, other), randomUUID()]) {
        const answer = await on.post(`/tickets/${ticket.id}/${kind}`, {
          body: 'Not this.',
          attachments: [mine, wrong],
        });
        expect([answer.status, answer.body.errors]).toEqual([422, [expect.objectContaining({ path: 'attachments' })]]);
      }
      for (const malformed of [[mine, mine], ['../x'], Array.from({ length: 11 }, () => randomUUID()), 'x', [null]]) {
        expect((await on.post(`/tickets/${ticket.id}/${kind}`, { body: 'x', attachments: malformed })).status).toBe(
          422,
        );
      }
      expect(await written()).toEqual(before);
      const { body } = await on.post(`/tickets/${ticket.id}/${kind}`, {
        body: 'This.',
        attachments: [mine.toUpperCase()],
      });
      expect(body.attachments).toMatchObject([{ id: mine }]);
    },
  );

  test('is refused when its files are too large together', async () => {
    const files = [await file(), await file()];
    await on.desk.db.pool.query('update attachments set size = 20000000 where id = any($1::uuid[])', [files]);
    const answer = await on.post(`/tickets/${ticket.id}/notes`, { body: 'Large.', attachments: files });
    expect([answer.status, answer.body.detail]).toEqual([422, expect.stringContaining('25 MiB')]);
  });

  test('that the ticket refuses leaves its files free for another', async () => {
    const closed = await on.open();
    await on.post(`/tickets/${closed.id}/status`, { status: 'resolved', reason: 'Done.' });
    expect((await on.remove(`/tickets/${closed.id}`)).status).toBe(200);
    const id = await file();
    const refused = await on.post(`/tickets/${closed.id}/messages`, { body: 'Too late.', attachments: [id] });
    expect([refused.status, refused.body.code]).toEqual([409, 'ticket_closed']);
    expect((await read(id)).body).toMatchObject({ messageId: null, ticketId: null });
    const taken = await on.post(`/tickets/${ticket.id}/notes`, { body: 'Here, then.', attachments: [id] });
    expect(taken.body.attachments).toMatchObject([{ id }]);
  });

  test('and another that want the same file at once: one gets it, the other is refused', async () => {
    const [shared, own] = [await file(), await file()];
    const answers = await Promise.all([
      on.post(`/tickets/${ticket.id}/notes`, { body: 'One.', attachments: [shared, own] }),
      on.post(`/tickets/${ticket.id}/notes`, { body: 'Two.', attachments: [own, shared] }),
      on.post(`/tickets/${ticket.id}/notes`, { body: 'Three.', attachments: [shared] }),
    ]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 422, 422]);
  });
});

describe('a file of a message', () => {
  test('is seen by whoever sees the ticket, and by nobody else', async () => {
    const id = await file();
    await on.post(`/tickets/${ticket.id}/messages`, { body: 'See here.', attachments: [id] });
    const statusFor = async (key: string) => (await read(id, key)).status;
    const as = async (role: Role) => (await on.api.newKey(role)).key;
    expect(await statusFor(await as('agent'))).toBe(200);
    expect(await statusFor(await as('admin'))).toBe(200);
    expect(await statusFor((await scopedKey(on.api, 'agent', { teams: ['elsewhere'] })).key)).toBe(404);
    expect((await on.api.ask('GET', `/api/v1/attachments/${id}`)).status).toBe(401);
  });

  test('is not seen by its uploader any more, once he sees its ticket no more', async () => {
    const { key, userId } = await on.api.newKey('agent');
    const id = await sentFile(on.api, key);
    const json = { body: 'Mine.', attachments: [id] };
    expect((await on.api.ask('POST', `/api/v1/tickets/${ticket.id}/notes`, { key, json })).status).toBe(201);
    expect((await read(id, key)).status).toBe(200);
    const scope = { supportTypes: null, teams: ['elsewhere'], organisations: null };
    await on.desk.db.pool.query('update api_keys set scope = $1 where user_id = $2', [JSON.stringify(scope), userId]);
    // What a key may do is remembered for a moment.
    await vi.waitFor(async () => expect((await read(id, key)).status).toBe(404), 5_000);
  });

  test('is seen by the customer of the ticket when the message reached him, and not by another customer', async () => {
    const asked = await on.open();
    const [sent, noted, scheduled] = [await file(), await file(), await file()];
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    await on.post(`/tickets/${asked.id}/messages`, { body: 'See here.', attachments: [sent] });
    await on.post(`/tickets/${asked.id}/notes`, { body: 'For us.', attachments: [noted] });
    await on.post(`/tickets/${asked.id}/messages`, { body: 'Later.', attachments: [scheduled], sendAt });
    const { body: shown } = await on.get(`/tickets/${asked.id}`);
    const [his, another] = [await customerKey(shown.requester.id), await customerKey(await otherCustomer())];
    await vi.waitFor(async () => expect((await read(sent, his)).status).toBe(200), 10_000);
    expect((await fetch((await read(sent, his)).body.download.url)).status).toBe(200);
    for (const hidden of [noted, scheduled]) expect((await read(hidden, his)).status).toBe(404);
    for (const id of [sent, noted, scheduled]) expect((await read(id, another)).status).toBe(404);
    const list = await on.api.ask('GET', `/api/v1/tickets/${asked.id}/messages`, { key: his });
    expect(JSON.stringify(list.body)).toContain(sent);
    expect(JSON.stringify(list.body)).not.toContain(noted);
  });
});

async function otherCustomer(): Promise<string> {
  const { id } = await on.open();
  return (await on.get(`/tickets/${id}`)).body.requester.id;
}

/** An API key of a user who is this customer. */
async function customerKey(customerId: string): Promise<string> {
  const { key, userId, keyId } = await on.api.newKey('agent');
  await on.desk.db.pool.query(`update users set role = 'customer', customer_id = $2 where id = $1`, [
    userId,
    customerId,
  ]);
  await on.desk.db.pool.query(`update api_keys set role = 'customer' where id = $1`, [keyId]);
  return key;
}
