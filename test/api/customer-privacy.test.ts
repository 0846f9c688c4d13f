import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../api/passwords.ts';
import { openFiles } from '../../integrations/files.ts';
import { sentFile } from './attachment-files.ts';
import { openTicket } from './setting-rows.ts';
import { type Answer, APP_SECRET, startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-privacy-'));
  api = await startApi({ files: await openFiles({ directory, secret: APP_SECRET, s3: undefined }) });
  ({ key } = await api.newKey('admin'));
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true, force: true });
});

const erase = (id: string, as = key) => api.ask('POST', `/api/v1/customers/${id}/erase`, { key: as });
const give = (id: string, query = '', as = key): Promise<Answer> =>
  api.ask('GET', `/api/v1/customers/${id}/export${query}`, { key: as });

async function query<Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> {
  return (await api.db.pool.query<Row>(text, values)).rows;
}

interface Written {
  customerId: string;
  email: string;
  ticketId: string;
  textId: string;
}

/** A customer with a ticket, which is closed, and a message of `size` characters. */
async function customer({ email = `${randomUUID()}@example.com`, size = 20, status = 'closed' as const } = {}) {
  const ticketId = await openTicket(api.db, { status });
  const [row] = await query<{ id: string }>('select requester_id as id from tickets where id = $1', ticketId);
  const customerId = row?.id ?? '';
  await query('update customers set email = $2 where id = $1', customerId, email);
  return { customerId, email, ticketId, textId: await write(ticketId, customerId, 'w'.repeat(size)) };
}

/** Another ticket of the customer's. */
async function anotherTicket(customerId: string, size: number): Promise<string> {
  const ticketId = await openTicket(api.db, { status: 'closed' });
  await query('update tickets set requester_id = $2 where id = $1', ticketId, customerId);
  await write(ticketId, customerId, 'w'.repeat(size));
  return ticketId;
}

async function write(ticketId: string, customerId: string, body: string): Promise<string> {
  const textId = randomUUID();
  await query('insert into texts (id, body) values ($1, $2)', textId, body);
  await query(
    `insert into messages (id, ticket_id, direction, author_kind, author_id, text_id, state, created_at)
     values ($1, $2, 'inbound', 'customer', $3, $4, 'received', now())`,
    randomUUID(),
    ticketId,
    customerId,
    textId,
  );
  return textId;
}

async function arrived(over: {
  state: string;
  body: string;
  ticketId?: string;
  conversation?: string;
}): Promise<string> {
  const [row] = await query<{ id: string }>(
    `insert into inbox (source, external_id, kind, conversation_key, state, body, ticket_id, request_id)
     values ('front', $1, 'inbound', $2, $3, $4, $5, 'r') returning id::text`,
    randomUUID(),
    `front:${over.conversation ?? randomUUID()}`,
    over.state,
    over.body,
    over.ticketId ?? null,
  );
  return row?.id ?? '';
}

const inboxRow = async (id: string) =>
  (await query<{ state: string; body: string }>('select state, body from inbox where id = $1', id))[0];

describe('whoever may not', () => {
  test('neither has a customer given out nor erased: leads, agents, integrations, an admin who sees a part of the desk', async () => {
    const { customerId, textId }: Written = await customer();
    const partly = await api.newKey('admin');
    await query(
      `update users set scope = '{"supportTypes": ["refund"], "teams": null, "organisations": null}' where id = $1`,
      partly.userId,
    );
    const others = await Promise.all(
      (['lead', 'agent', 'bot', 'integration'] as const).map((role) => api.newKey(role)),
    );
    for (const other of [partly, ...others]) {
      expect((await give(customerId, '', other.key)).status).toBe(403);
      expect((await erase(customerId, other.key)).status).toBe(403);
    }
    expect(await query('select body from texts where id = $1', textId)).toEqual([{ body: 'w'.repeat(20) }]);
  });

  test('is told of one that is not there as of none', async () => {
    for (const id of [randomUUID(), 'nobody', '%00']) {
      expect((await give(id)).status).toBe(404);
      expect((await erase(id)).status).toBe(404);
    }
  });
});

describe('what is kept of a customer', () => {
  test('is given out page by page, each ticket once, and told in the audit log once', async () => {
    const { customerId, ticketId } = await customer({ size: 9_000_000 });
    const others = [await anotherTicket(customerId, 9_000_000), await anotherTicket(customerId, 10)];
    const first = await give(customerId);
    expect(first.body.tickets).toHaveLength(1);
    const second = await give(customerId, `?cursor=${first.body.nextCursor}`);
    expect(second.body.nextCursor).toBeNull();
    const shown = [...first.body.tickets, ...second.body.tickets].map(({ id }: { id: string }) => id);
    expect(shown).toEqual([ticketId, ...others]);
    expect(first.body.tickets[0].messages[0].body).toHaveLength(9_000_000);
    const log = await query(
      `select from audit_entries where action = 'customers.export' and target_id = $1`,
      customerId,
    );
    expect(log).toHaveLength(1);
    const { customerId: another } = await customer();
    expect((await give(another, `?cursor=${first.body.nextCursor}`)).status).toBe(400);
  });

  test('has what he wrote on the tickets of others, and nothing else of those', async () => {
    const [his, theirs] = [await customer(), await customer()];
    await write(theirs.ticketId, his.customerId, 'from him');
    const { body } = await give(his.customerId);
    expect(body.messagesElsewhere).toMatchObject([{ body: 'from him' }]);
    expect(body.tickets.map(({ id }: { id: string }) => id)).toEqual([his.ticketId]);
    expect((await erase(his.customerId)).status).toBe(200);
    const left = await query<{ body: string }>(
      'select t.body from messages m join texts t on t.id = m.text_id where m.ticket_id = $1 order by m.created_at',
      theirs.ticketId,
    );
    expect(left.map(({ body }) => body)).toEqual(['w'.repeat(20), '(erased)']);
  });
});

describe('an erasure', () => {
  test('waits for tickets that are not closed, and for what is not handed over yet, and names them', async () => {
    const { customerId, email, textId } = await customer({ email: 'waits@example.com' });
    const waiting = await arrived({ state: 'received', body: `{"from": "${email}"}` });
    const open = await openTicket(api.db, { status: 'open' });
    await query('update tickets set requester_id = $2 where id = $1', open, customerId);
    const { status, body } = await erase(customerId);
    expect([status, body.code]).toEqual([409, 'in_use']);
    const [row] = await query<{ number: number }>('select number from tickets where id = $1', open);
    expect(body.usedBy).toEqual([
      `the ticket T-${row?.number}, which is open`,
      `the inbox row ${waiting}, which waits to be handed over`,
    ]);
    expect(await query('select body from texts where id = $1', textId)).toEqual([{ body: 'w'.repeat(20) }]);
  });

  test('takes what arrived from him, however it was set aside, and nobody else’s', async () => {
    const { customerId, email, ticketId } = await customer({ email: 'a.da+x@example.com' });
    await query(
      `insert into conversations (source, external_id, ticket_id, ticket_number) values ('front', 'cnv_his', $1, 1)`,
      ticketId,
    );
    const his = [
      await arrived({ state: 'applied', body: 'by its ticket', ticketId }),
      await arrived({ state: 'failed', body: 'by its conversation', conversation: 'cnv_his' }),
      await arrived({ state: 'failed', body: JSON.stringify({ from: `A.Da+X@EXAMPLE.com` }) }),
      await arrived({ state: 'ignored', body: JSON.stringify({ text: `Ask:\n${email}.` }) }),
    ];
    const others = [
      await arrived({ state: 'applied', body: `{"from": "${email}.org"}` }),
      await arrived({ state: 'applied', body: `{"from": "ada.da+x@example.com"}` }),
      await arrived({ state: 'failed', body: `{"from": "axda+x@example.com"}` }),
      await arrived({ state: 'received', body: `{"from": "b${email}"}` }),
    ];
    const before = await Promise.all(others.map(inboxRow));
    const { status, body } = await erase(customerId);
    expect([status, body.erased.inboxRows]).toEqual([200, 4]);
    expect(await Promise.all(his.map(inboxRow))).toEqual([
      { state: 'applied', body: '' },
      ...his.slice(1).map(() => ({ state: 'ignored', body: '' })),
    ]);
    expect(await Promise.all(others.map(inboxRow))).toEqual(before);
  });

  test('leaves every other customer as he was', async () => {
    const [his, other] = [await customer(), await customer()];
    const read = () =>
      query(
        `select c::text as customer, t::text as ticket, x::text as words, w::text as search
         from customers c join tickets t on t.requester_id = c.id join messages m on m.ticket_id = t.id
              join texts x on x.id = m.text_id join ticket_words w on w.ticket_id = t.id
         where c.id = $1`,
        other.customerId,
      );
    const before = await read();
    expect(before).toHaveLength(1);
    expect((await erase(his.customerId.toUpperCase())).body.erased).toMatchObject({
      tickets: 1,
      messages: 1,
      texts: 1,
    });
    expect(await read()).toEqual(before);
    expect((await erase(his.customerId)).body.erased).toMatchObject({ tickets: 1, messages: 1 });
  });

  test('ends his signing in: session, password and key', async () => {
    const { customerId } = await customer();
    const [userId, email, password] = [randomUUID(), `${randomUUID()}@example.com`, 'a password that is long'];
    await query(
      `insert into users (id, email, name, role, customer_id, password_hash, created_at)
       values ($1, $2, 'Grace', 'customer', $3, $4, now())`,
      userId,
      email,
      customerId,
      await hashPassword(password),
    );
    const login = { json: { email, password } };
    const signedIn = await api.ask('POST', '/api/v1/auth/login', login);
    expect(signedIn.status).toBe(200);
    const { accessToken, refreshToken } = signedIn.body;
    expect((await api.ask('GET', '/api/v1/me', { key: accessToken })).status).toBe(200);
    const { body } = await give(customerId);
    expect(body.logins).toMatchObject([{ email, sessions: [{ endedAt: null }] }]);
    expect(JSON.stringify(body)).not.toContain('argon2');

    expect((await erase(customerId)).status).toBe(200);
    expect((await api.ask('GET', '/api/v1/me', { key: accessToken })).status).toBe(401);
    expect((await api.ask('POST', '/api/v1/auth/login', login)).status).toBe(401);
    expect((await api.ask('POST', '/api/v1/auth/refresh', { json: { refreshToken } })).status).toBe(401);
    expect(await query('select email, name, password_hash as hash from users where id = $1', userId)).toEqual([
      { email: `erased-${userId}@erased.invalid`, name: '(erased)', hash: null },
    ]);
  });

  test('that could not remove a file has removed it when it is done again', async () => {
    const { customerId, ticketId, textId } = await customer();
    const file = await sentFile(api, key, 'his.txt', 'His words.');
    await query(
      `update attachments set ticket_id = $2, position = 1,
              message_id = (select id from messages where ticket_id = $2 limit 1) where id = $1`,
      file,
      ticketId,
    );
    // What is no file cannot be removed as one.
    const place = join(directory, file.slice(-2), file);
    await rm(place);
    await mkdir(place);
    expect((await erase(customerId)).status).toBe(500);
    expect(await query('select body from texts where id = $1', textId)).toEqual([{ body: '(erased)' }]);
    expect(await query('select name from attachments where id = $1', file)).toEqual([{ name: '(erased)' }]);
    await rmdir(place);
    const { status, body } = await erase(customerId);
    expect([status, body.erased.files]).toEqual([200, 1]);
    expect(await query('select name from attachments where id = $1', file)).toEqual([]);
    expect((await erase(customerId)).body.erased.files).toBe(0);
  });

  test('is told in the audit log by whom and of how much, and nothing of him', async () => {
    const { customerId, email } = await customer();
    await erase(customerId);
    const entries = await query<{ action: string; kind: string; details: object; all: string }>(
      `select action, actor_kind as kind, details, audit_entries::text as all from audit_entries
       where target_id = $1 and action in ('customers.erase', 'customers.update') and request_id is not null order by at`,
      customerId,
    );
    expect(entries.map(({ action, kind }) => [action, kind])).toEqual([
      ['customers.update', 'agent'],
      ['customers.erase', 'agent'],
    ]);
    expect(entries[1]?.details).toMatchObject({ tickets: 1, messages: 1, files: 0 });
    expect(entries.some(({ all }) => all.includes(email))).toBe(false);
  });
});
