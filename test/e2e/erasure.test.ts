/**
 * A customer is erased: marks are left in every place that keeps his words, and looked for afterwards in every column of
 * the whole database, in Temporal, in the files and in the logs.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '../../db/audit-verify.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { foundInDatabase, mark, temporalTexts } from './marks.ts';
import { holding, isOpen, type Reading, reading, waiting } from './reading.ts';

let desk: Desk;
let eyes: Reading;
let filesDir: string;
beforeAll(async () => {
  filesDir = await mkdtemp(join(tmpdir(), 'holdfast-erased-'));
  desk = await startDesk(undefined, { environment: { FILES_DIR: filesDir } });
  eyes = reading(desk);
});
afterAll(async () => {
  await desk.stop();
  await rm(filesDir, { recursive: true, force: true });
});

const ask = <T = unknown>(method: string, path: string, body?: unknown) => desk.ask<T>(method, `/api/v1${path}`, body);

interface Person {
  email: string;
  name: string;
}

async function customerOf(email: string): Promise<string> {
  const { rows } = await desk.pool.query<{ id: string }>('select id from customers where email = $1', [email]);
  if (rows[0] === undefined) throw new Error(`Nobody has the address ${email}.`);
  return rows[0].id;
}

/** Closes the ticket, and waits until nothing of it is under way any more. */
async function close(ticketId: string): Promise<void> {
  await ask('DELETE', `/tickets/${ticketId}`);
  await settled(ticketId);
}

async function settled(ticketId: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await desk.pool.query<{ owes: boolean }>('select owes from tickets where id = $1', [ticketId]);
    return rows[0]?.owes === false;
  });
}

/** A refusal's status and body; the desk's own way of asking throws. */
async function refused(method: string, path: string): Promise<{ status: number; body: { usedBy?: string[] } }> {
  const { apiKey } = await keyOf();
  const answer = await fetch(`${desk.url}/api/v1${path}`, { method, headers: { Authorization: `Bearer ${apiKey}` } });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** Posts under an Idempotency-Key, for which the answer is kept. */
async function repeatable<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${desk.url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${(await keyOf()).apiKey}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(201);
  return JSON.parse(await answer.text());
}

let key: Promise<{ apiKey: string }> | undefined;
/** A key of the admin's, for requests whose answer is not 2xx. */
async function keyOf(): Promise<{ apiKey: string }> {
  key ??= ask('POST', '/api-keys', { name: 'for refusals', userId: await adminId() });
  return key;
}

async function adminId(): Promise<string> {
  return (await ask<{ id: string }>('GET', '/me')).id;
}

async function sendFile(name: string, bytes: string): Promise<string> {
  const { id, upload } = await ask<{ id: string; upload: { url: string; headers: Record<string, string> } }>(
    'POST',
    '/attachments',
    { name, size: bytes.length },
  );
  await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: bytes });
  await ask('POST', `/attachments/${id}/complete`);
  return id;
}

describe('a customer who is erased', () => {
  test('is nowhere any more: not in the database, not in Temporal, not among the files', async () => {
    const places = `name address subject body html field fieldlater note draft reply reason subjectlater file filebytes
      apibody apisubject login namelater transfer unsent advice`.split(/\s+/);
    const marks = Object.fromEntries(places.map((place) => [place, mark(place)]));
    const from: Person = { email: `${marks['address']}@example.com`, name: `${marks['name']} Hopper` };
    const conversationId = `cnv_${randomUUID().slice(0, 8)}`;
    await desk.sim('front', 'POST', 'events', {
      conversationId,
      subject: `About ${marks['subject']}`,
      body: `<p>My invoice ${marks['body']} shows two charges.</p><i title="${marks['html']}">Please check.</i>`,
      from,
    });
    const { id } = await eyes.ticketOf(conversationId, isOpen);
    await ask('PATCH', `/tickets/${id}`, {
      supportType: 'invoice-copy',
      subject: marks['subjectlater'],
      customFields: { vatNumber: `${marks['field']}` },
    });
    await ask('PATCH', `/tickets/${id}`, { customFields: { vatNumber: `${marks['fieldlater']}` } });
    const attachments = [await sendFile(`${marks['file']}.txt`, `Words: ${marks['filebytes']}.`)];
    await ask('POST', `/tickets/${id}/notes`, { body: `He said ${marks['note']}.`, attachments });
    await ask('POST', `/tickets/${id}/transfer`, { teamId: 'billing', note: marks['transfer'] });
    const draft = await eyes.draft(id);
    await ask('POST', `/tickets/${id}/drafts/${draft.id}/decision`, { decision: 'edit', body: `${marks['draft']}` });
    await eyes.reply(id, 'sent');
    await repeatable(`/tickets/${id}/messages`, { body: `Dear ${marks['reply']}` });
    await eyes.reply(id, 'sent');
    await desk.sim('front', 'PUT', 'faults', { path: `/conversations/${conversationId}`, status: 422, count: 1 });
    await eyes.answer(id, `Dear ${marks['unsent']}`);
    await eyes.reply(id, 'failed');
    await ask('POST', `/tickets/${id}/status`, { status: 'on_hold', reason: `Waits for ${marks['reason']}` });

    const second = await repeatable<{ id: string }>('/tickets', {
      subject: marks['apisubject'],
      body: marks['apibody'],
      requester: from,
    });
    await eventually(async () => isOpen(await eyes.ticket(second.id)));

    const customerId = await customerOf(from.email);
    const login = `${marks['login']}@example.com`;
    const user = await ask<{ id: string }>('POST', '/users', {
      email: login,
      name: from.name,
      role: 'customer',
      customerId,
    });
    await ask('POST', `/users/${user.id}/password-reset`);
    await ask('PATCH', `/customers/${customerId}`, { name: `${marks['namelater']} Hopper` });

    await desk.pool.query(`insert into ai_advice (key, customer_id, answer, asked_at) values ($1, $2, $3, now())`, [
      randomUUID(),
      customerId,
      JSON.stringify({ said: marks['advice'] }),
    ]);

    // The name that he wrote under, and the fields before the last change, stand in the ledger and in earlier texts.
    const planted = await foundInDatabase(desk, Object.values(marks));
    const missing = Object.keys(marks).filter(
      (place) => !planted.some((where) => where.startsWith(marks[place] ?? '')),
    );
    expect(missing).toEqual(['filebytes']);
    expect(planted).toContain(`${marks['reply']} in public.idempotency_keys`);
    const tables = new Set(planted.map((where) => where.split(' in public.')[1]));
    expect(tables).toEqual(
      new Set([
        'ai_advice',
        'attachments',
        'customers',
        'idempotency_keys',
        'inbox',
        'known_words',
        'texts',
        'ticket_words',
        'tickets',
        'users',
      ]),
    );
    const data = JSON.stringify(await ask('GET', `/customers/${customerId}/export`));
    expect(Object.keys(marks).filter((place) => !data.includes(marks[place] ?? ''))).toEqual(['filebytes']);

    const early = await refused('POST', `/customers/${customerId}/erase`);
    expect(early.status).toBe(409);
    expect(early.body.usedBy).toHaveLength(2);
    expect(await foundInDatabase(desk, Object.values(marks))).toEqual(planted);

    await close(id);
    await close(second.id);
    // A card takes its turn at Slack's pace, and one that is not there yet will never have his words.
    await eventually(
      async () => (await desk.pool.query('select from slack_posts where ts is not null')).rowCount === 2,
    );
    const erased = await ask<{ erasedAt: string; erased: Record<string, number>; keptElsewhere: { where: string }[] }>(
      'POST',
      `/customers/${customerId}/erase`,
    );
    expect(erased.erased).toMatchObject({ tickets: 2, files: 1 });
    expect(erased.keptElsewhere.map(({ where }) => where)).toEqual(expect.arrayContaining(['Front', 'Slack']));

    expect(await foundInDatabase(desk, Object.values(marks))).toEqual([]);
    const temporal = await temporalTexts(desk);
    expect(temporal).toContain(id);
    expect(Object.values(marks).filter((one) => temporal.includes(one))).toEqual([]);
    const files = await readdir(filesDir, { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toEqual([]);
    const logs = (await desk.logs()).toLowerCase();
    expect(Object.values(marks).filter((one) => logs.includes(one))).toEqual([]);

    // The history and its figures stand, and everything can still be read.
    for (const ticketId of [id, second.id]) {
      expect(await eyes.ticket(ticketId)).toMatchObject({ status: 'closed', subject: '(erased)' });
      for (const what of ['messages', 'notes', 'drafts', 'timeline', 'sla', 'workflow']) {
        await ask('GET', `/tickets/${ticketId}/${what}`);
      }
    }
    await eventually(async () => (await desk.pool.query('select from audit_unsealed')).rowCount === 0);
    expect(await verifyChain(desk.pool)).toMatchObject({ wrong: null });
    const log = await ask<{ items: { actor: { id: string } }[] }>(
      'GET',
      `/audit?action=customers.erase&targetId=${customerId}`,
    );
    expect(log.items).toMatchObject([{ actor: { id: await adminId() } }]);

    // Again, and whoever writes from there is somebody else.
    const again = await ask<{ erasedAt: string }>('POST', `/customers/${customerId}/erase`);
    expect(again.erasedAt).toBe(erased.erasedAt);
    expect((await refused('GET', `/customers/${customerId}/export`)).status).toBe(404);
    await desk.sim('front', 'POST', 'events', { conversationId, subject: 'Again', body: 'It is me.', from });
    const next = await eyes.ticketOf(conversationId, isOpen);
    expect(next.id).not.toBe(id);
    expect(await customerOf(from.email)).not.toBe(customerId);
  });
});

describe('an erasure', () => {
  test('that is cut off half-way has changed nothing, and is done by the next; who writes meanwhile is somebody new', async () => {
    const from: Person = { email: `${mark('cut')}@example.com`, name: mark('cutname') };
    const conversationId = `cnv_${randomUUID().slice(0, 8)}`;
    await desk.sim('front', 'POST', 'events', { conversationId, subject: 'Hello', body: mark('cutbody'), from });
    const { id } = await eyes.ticketOf(conversationId, isOpen);
    await settled(id);
    await close(id);
    const customerId = await customerOf(from.email);
    const path = `/customers/${customerId}/erase`;
    // His row in the ledger comes after his texts.
    const lock = `select from inbox where ticket_id = '${id}' for update`;

    await holding(desk, lock, async () => {
      const cut = refused('POST', path);
      const [pid] = await waiting(desk, '%update inbox i set body%');
      await desk.pool.query('select pg_terminate_backend($1)', [pid]);
      expect((await cut).status).toBeGreaterThanOrEqual(500);
    });
    expect((await eyes.messages(id))[0]?.body).toContain('canarycutbody');
    expect(await customerOf(from.email)).toBe(customerId);

    const other = `cnv_${randomUUID().slice(0, 8)}`;
    const { running } = await holding(desk, lock, async () => {
      const running = refused('POST', path);
      await waiting(desk, '%update inbox i set body%');
      await desk.sim('front', 'POST', 'events', { conversationId: other, subject: 'Me', body: 'Still me.', from });
      await waiting(desk, '%insert into customers%');
      return { running };
    });
    expect(await running).toMatchObject({ status: 200 });
    const next = await eyes.ticketOf(other, isOpen);
    const { rows } = await desk.pool.query<{ requester: string }>(
      'select requester_id as requester from tickets where id = $1',
      [next.id],
    );
    expect(rows[0]?.requester).toBe(await customerOf(from.email));
    expect(rows[0]?.requester).not.toBe(customerId);
    expect((await eyes.messages(id))[0]?.body).toBe('(erased)');
  });
});
