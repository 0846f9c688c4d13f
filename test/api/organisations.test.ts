import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { intake, type IncomingMessage } from '../../db/intake.ts';
import { createSettings } from '../../db/settings.ts';
import { addTickets } from './rows.ts';
import { addCustomer, addOrganisation, scopedKey } from './scoped-keys.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/organisations';
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('agent'));
});
afterAll(() => api.close());

const create = (json: unknown, as = key) => api.ask('POST', PATH, { key: as, json });
const change = (id: string, json: unknown, as = key, headers = {}) =>
  api.ask('PATCH', `${PATH}/${id}`, { key: as, json, headers });
const fields = (answer: { body: { errors?: { path: string }[] } }) => answer.body.errors?.map(({ path }) => path);

describe('an organisation', () => {
  test('is added, found, and changed field by field, as far as If-Match knows it', async () => {
    const made = await create({ name: 'Acme', domain: 'Acme.Example', tier: 'pro' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'Acme', domain: 'acme.example', tier: 'pro' });
    const etag = made.headers.get('etag') ?? '';
    const read = await api.ask('GET', made.headers.get('location') ?? '', { key });
    expect([read.body, read.headers.get('etag')]).toEqual([made.body, etag]);
    expect((await api.ask('GET', `${PATH}?domain=acme.example`, { key })).body.items).toEqual([made.body]);

    const changed = await change(made.body.id, { tier: null }, key, { 'If-Match': etag });
    expect(changed.body).toMatchObject({ name: 'Acme', domain: 'acme.example', tier: null });
    const late = await change(made.body.id, { name: 'Late' }, key, { 'If-Match': etag });
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);
  });

  test('with a name or a domain that another one has is refused and named', async () => {
    await create({ name: 'Taken', domain: 'taken.example' });
    const free = (await create({ name: 'Free', domain: 'free.example' })).body;
    for (const [json, path] of [
      [{ name: 'Taken' }, 'name'],
      [{ name: 'New', domain: 'TAKEN.example' }, 'domain'],
    ] as const) {
      const answer = await create(json);
      expect([answer.status, fields(answer)]).toEqual([422, [path]]);
    }
    expect(fields(await change(free.id, { name: 'Taken' }))).toEqual(['name']);
    expect(fields(await change(free.id, { domain: 'taken.example' }))).toEqual(['domain']);
    expect((await api.ask('GET', `${PATH}/${free.id}`, { key })).body).toEqual(free);
  });

  test.each([
    [{}, ['name']],
    [{ name: ' ' }, ['name']],
    [{ name: 'x', domain: 'no domain' }, ['domain']],
    [{ name: 'x', domain: 'localhost' }, ['domain']],
    [{ name: 'x', domain: '@x.example' }, ['domain']],
    [{ name: 'x', tier: 'a\u0000' }, ['tier']],
    [{ name: 'x', createdAt: null }, ['createdAt']],
  ])('of %j is refused and named', async (json, paths) => {
    const answer = await create(json);
    expect([answer.status, fields(answer)]).toEqual([422, paths]);
  });

  test('shows the tickets of all of its customers, newest first, and each customer', async () => {
    const organisation = await addOrganisation(api);
    await addTickets(api.db, 12, { from: 100, people: 4 });
    const { rows } = await api.db.pool.query<{ id: string }>(
      `update customers set organisation_id = $1 where email in ('customer1@example.com', 'customer3@example.com')
       returning id`,
      [organisation],
    );
    const { body: customers } = await api.ask('GET', `${PATH}/${organisation}/customers?fields=id`, { key });
    expect(customers.items.map((one: { id: string }) => one.id).toSorted()).toEqual(
      rows.map(({ id }) => id).toSorted(),
    );
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.ask('GET', `${PATH}/${organisation}/tickets?limit=4${cursor}`, { key });
      seen.push(...body.items.map((one: { reference: string }) => one.reference));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(['T-110', 'T-108', 'T-106', 'T-104', 'T-102', 'T-100']);
    for (const path of ['', '/customers', '/tickets']) {
      expect((await api.ask('GET', `${PATH}/${randomUUID()}${path}`, { key })).status).toBe(404);
    }
  });
});

test('the list is by name and goes on where the page before ended', async () => {
  for (const name of ['zz 3', 'zz 1', 'zz 2']) await addOrganisation(api, { name });
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await api.ask('GET', `${PATH}?limit=2${cursor}`, { key });
    seen.push(...body.items.map((one: { name: string }) => one.name));
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  expect(seen.slice(-3)).toEqual(['zz 1', 'zz 2', 'zz 3']);
  expect(new Set(seen).size).toBe(seen.length);
});

test('who writes for the first time joins by domain and is served by its tier; who is known keeps place and tier', async () => {
  const { pool } = api.db;
  const organisation = await addOrganisation(api, { domain: 'intake.test', tier: 'enterprise' });
  const settings = createSettings(pool);
  const write = (email: string) =>
    intake(pool, settings, { ...LETTER, messageId: randomUUID(), from: { email, name: 'Ian' } });
  const first = await write('First@Intake.test');
  expect(first.customerTier).toBe('enterprise');
  const { body } = await api.ask('GET', `/api/v1/customers/${first.customerId}`, { key });
  expect(body).toMatchObject({ organisation: { id: organisation }, tier: null, effectiveTier: 'enterprise' });

  await addCustomer(api, { email: 'own@intake.test', tier: 'trial', organisation });
  expect((await write('own@intake.test')).customerTier).toBe('trial');
  await addCustomer(api, { email: 'alone@intake.test' });
  expect((await write('alone@intake.test')).customerTier).toBeNull();
  expect((await write('first@other.test')).customerTier).toBeNull();
});

const LETTER: Omit<IncomingMessage, 'messageId' | 'from'> = {
  commandId: 'test',
  requestId: 'test',
  channel: 'api',
  conversationId: null,
  subject: 'Hello',
  body: 'A question',
  html: null,
  writtenAt: 0,
  priority: null,
  supportType: null,
  tags: [],
  fieldsTextId: null,
  followUpOf: null,
  splitFrom: null,
  inboxId: null,
};

describe('somebody whose scope is a part of the desk', () => {
  test('sees his organisations, and those of customers whose tickets he sees', async () => {
    const [own, other] = [await addOrganisation(api), await addOrganisation(api)];
    const { key: scoped } = await scopedKey(api, 'agent', { organisations: [own] });
    const { body } = await api.ask('GET', PATH, { key: scoped });
    expect(body.items.map((one: { id: string }) => one.id)).toEqual([own]);
    for (const path of ['', '/customers', '/tickets']) {
      expect((await api.ask('GET', `${PATH}/${other}${path}`, { key: scoped })).status).toBe(404);
    }
    await addTickets(api.db, 4, { from: 300, people: 4 });
    await api.db.pool.query(`update tickets set support_type = 'refund' where number = 302`);
    await api.db.pool.query(
      `update customers set organisation_id = $1 where id = (select requester_id from tickets where number = 302)`,
      [other],
    );
    const { key: byType } = await scopedKey(api, 'agent', { supportTypes: ['refund'] });
    const seen = await api.ask('GET', PATH, { key: byType });
    expect(seen.body.items.map((one: { id: string }) => one.id)).toEqual([other]);
    const tickets = await api.ask('GET', `${PATH}/${other}/tickets`, { key: byType });
    expect(tickets.body.items.map((one: { reference: string }) => one.reference)).toEqual(['T-302']);
  });

  test('adds none and states no domain, but may put the name right', async () => {
    const own = await addOrganisation(api);
    const { key: scoped } = await scopedKey(api, 'agent', { organisations: [own] });
    for (const answer of [
      await create({ name: 'More' }, scoped),
      await change(own, { domain: 'victim.example' }, scoped),
      await change(own, { domain: null }, scoped),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    }
    expect((await change(own, { name: 'Right' }, scoped)).body).toMatchObject({ name: 'Right', domain: null });
    const other = await addOrganisation(api);
    expect((await change(other, { name: 'Wrong' }, scoped)).status).toBe(404);
  });
});
