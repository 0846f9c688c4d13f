import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTickets } from './rows.ts';
import { addCustomer, addOrganisation, scopedKey } from './scoped-keys.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/customers';
const NOBODY = '00000000-0000-4000-8000-000000000000';
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
const read = (id: string, as = key) => api.ask('GET', `${PATH}/${id}`, { key: as });
const fields = (answer: { body: { errors?: { path: string }[] } }) => answer.body.errors?.map(({ path }) => path);

describe('a customer', () => {
  test('is added with the address in small letters, and is found where the answer says', async () => {
    const made = await create({ email: 'Zoe@Example.COM', name: 'Zoe', tier: 'pro' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      email: 'zoe@example.com',
      name: 'Zoe',
      tier: 'pro',
      effectiveTier: 'pro',
      organisation: null,
    });
    const found = await api.ask('GET', made.headers.get('location') ?? '', { key });
    expect(found.body).toEqual(made.body);
    expect(found.headers.get('etag')).toBe(made.headers.get('etag'));
    const listed = await api.ask('GET', `${PATH}?email=ZOE@example.com`, { key });
    expect(listed.body).toEqual({ items: [made.body], nextCursor: null });
  });

  test('joins the organisation that states the domain, unless the caller says otherwise', async () => {
    const organisation = await addOrganisation(api, { name: 'Acme', domain: 'acme.test', tier: 'enterprise' });
    const joined = await create({ email: 'a@acme.test' });
    expect(joined.body).toMatchObject({
      organisation: { id: organisation, name: 'Acme' },
      tier: null,
      effectiveTier: 'enterprise',
    });
    expect((await create({ email: 'b@acme.test', organisationId: null })).body.organisation).toBeNull();
    expect((await create({ email: 'c@sub.acme.test' })).body.organisation).toBeNull();
    expect((await create({ email: 'd@else.test', organisationId: organisation })).body.organisation.name).toBe('Acme');
  });

  test('with an address that another one has is refused, both when added and when changed', async () => {
    await create({ email: 'first@example.com' });
    const second = (await create({ email: 'second@example.com' })).body;
    const again = await create({ email: 'FIRST@example.com' });
    expect([again.status, fields(again)]).toEqual([422, ['email']]);
    const moved = await change(second.id, { email: 'first@example.com', name: 'Not taken' });
    expect([moved.status, fields(moved)]).toEqual([422, ['email']]);
    expect((await read(second.id)).body).toEqual(second);
  });

  test('is changed field by field, and what is not given stays', async () => {
    const organisation = await addOrganisation(api);
    const { body: made } = await create({ email: 'change@example.com', name: 'Ch', tier: 'pro' });
    const moved = await change(made.id, { organisationId: organisation, tier: null });
    expect(moved.body).toMatchObject({ name: 'Ch', tier: null, organisation: { id: organisation } });
    const renamed = await change(made.id, { name: 'Changed', email: 'Changed@example.com' });
    expect(renamed.body).toMatchObject({ name: 'Changed', email: 'changed@example.com', tier: null });
    expect(Date.parse(renamed.body.updatedAt)).toBeGreaterThan(Date.parse(moved.body.updatedAt));
    expect((await read(made.id)).body).toEqual(renamed.body);
  });

  test('is changed only as far as If-Match knows it, the name of the organisation included', async () => {
    const organisation = await addOrganisation(api, { name: 'Before' });
    const id = await addCustomer(api, { organisation });
    const etag = (await read(id)).headers.get('etag') ?? '';
    await api.db.pool.query(
      `update organisations set name = 'After', updated_at = updated_at + interval '1 second' where id = $1`,
      [organisation],
    );
    expect((await api.ask('GET', `${PATH}/${id}`, { key, headers: { 'If-None-Match': etag } })).status).toBe(200);
    const stale = await change(id, { name: 'Lost' }, key, { 'If-Match': etag });
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    const fresh = (await read(id)).headers.get('etag') ?? '';
    const changed = await change(id, { name: 'Kept' }, key, { 'If-Match': fresh });
    expect([changed.status, changed.body.name]).toEqual([200, 'Kept']);
    expect((await change(id, { name: 'Late' }, key, { 'If-Match': fresh })).status).toBe(412);
  });

  test.each([
    [{}, ['email']],
    [{ email: 'nonsense' }, ['email']],
    [{ email: 'x@example.com', name: ' ' }, ['name']],
    [{ email: 'x@example.com', name: 'a\u0000b' }, ['name']],
    [{ email: 'x@example.com', tier: ' ' }, ['tier']],
    [{ email: 'x@example.com', organisationId: 'acme' }, ['organisationId']],
    [{ email: 'x@example.com', organisationId: NOBODY }, ['organisationId']],
    [{ email: 'x@example.com', id: NOBODY, erasedAt: null }, ['id', 'erasedAt']],
  ])('of %j is refused and named, and nobody is added', async (json, paths) => {
    const answer = await create(json);
    expect([answer.status, fields(answer)]).toEqual([422, paths]);
    expect((await api.ask('GET', `${PATH}?email=x@example.com`, { key })).body.items).toEqual([]);
  });

  test('is changed by forty at once without anybody waiting for ever, each change on top of the one before', async () => {
    const organisations = [await addOrganisation(api), await addOrganisation(api)];
    const id = await addCustomer(api);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => change(id, { organisationId: organisations[n % 2], tier: `t${n}` })),
    );
    // Whoever moves him from where he is not any more is told, and nothing else goes wrong.
    expect(answers.every(({ status }) => status === 200 || status === 422)).toBe(true);
    const last = (await read(id)).body;
    expect(answers.some(({ body }) => body.tier === last.tier && body.updatedAt === last.updatedAt)).toBe(true);
  });

  test('that was erased is there for nobody', async () => {
    const id = await addCustomer(api, { email: 'erased@example.com' });
    await api.db.pool.query('update customers set erased_at = now() where id = $1', [id]);
    for (const answer of [await read(id), await change(id, { name: 'Back' })]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
    expect((await api.ask('GET', `${PATH}?email=erased@example.com`, { key })).body.items).toEqual([]);
  });

  test('that nobody is, is not found, however the id is written', async () => {
    for (const id of [NOBODY, 'nonsense', '%00', "'; drop table customers; --"]) {
      const answer = await read(encodeURIComponent(decodeURIComponent(id)));
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
  });
});

test('the list goes on where the page before ended, newest first, and by organisation', async () => {
  const organisation = await addOrganisation(api);
  const ids = [];
  for (let n = 0; n < 5; n++) ids.unshift(await addCustomer(api, { organisation }));
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await api.ask('GET', `${PATH}?organisation=${organisation}&limit=2&fields=id${cursor}`, { key });
    seen.push(...body.items.map((item: { id: string }) => item.id));
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  expect(seen).toEqual(ids);
  const other = await api.ask('GET', `${PATH}?limit=2`, { key });
  const foreign = await api.ask('GET', `${PATH}?organisation=${organisation}&cursor=${other.body.nextCursor}`, { key });
  expect([foreign.status, foreign.body.code]).toEqual([400, 'invalid_cursor']);
});

test('the tickets of a customer are his alone, newest first', async () => {
  await addTickets(api.db, 12, { from: 500, people: 4 });
  const { body: customers } = await api.ask('GET', `${PATH}?email=customer2@example.com`, { key });
  const { id } = customers.items[0];
  const { body } = await api.ask('GET', `${PATH}/${id}/tickets?limit=2`, { key });
  expect(body.items.map((one: { reference: string }) => one.reference)).toEqual(['T-509', 'T-505']);
  expect(body.items[0].requester.id).toBe(id);
  const next = await api.ask('GET', `${PATH}/${id}/tickets?limit=2&cursor=${body.nextCursor}`, { key });
  expect(next.body.items.map((one: { reference: string }) => one.reference)).toEqual(['T-501']);
  expect((await api.ask('GET', `${PATH}/${NOBODY}/tickets`, { key })).status).toBe(404);
});

describe('somebody whose scope names an organisation', () => {
  let own: string;
  let other: string;
  let scoped: { key: string; userId: string };
  beforeAll(async () => {
    own = await addOrganisation(api, { domain: 'own.test' });
    other = await addOrganisation(api, { domain: 'other.test' });
    scoped = await scopedKey(api, 'agent', { organisations: [own] });
  });

  test('sees its customers and nobody else', async () => {
    const mine = await addCustomer(api, { organisation: own });
    const others = await addCustomer(api, { organisation: other, email: 'somebody@other.test' });
    expect((await read(mine, scoped.key)).status).toBe(200);
    for (const path of [others, `${others}/tickets`]) {
      expect((await read(path, scoped.key)).status).toBe(404);
    }
    expect((await change(others, { name: 'Mine' }, scoped.key)).status).toBe(404);
    const { body } = await api.ask('GET', `${PATH}?limit=100`, { key: scoped.key });
    expect(body.items.every((one: { organisation: { id: string } }) => one.organisation.id === own)).toBe(true);
    for (const query of [`organisation=${other}`, 'email=somebody@other.test']) {
      expect((await api.ask('GET', `${PATH}?${query}`, { key: scoped.key })).body.items).toEqual([]);
    }
  });

  test('adds customers to it and nowhere else', async () => {
    expect((await create({ email: 'new@own.test' }, scoped.key)).body.organisation.id).toBe(own);
    expect((await create({ email: 'new@any.test', organisationId: own }, scoped.key)).status).toBe(201);
    const refused = [
      await create({ email: 'new@other.test' }, scoped.key),
      await create({ email: 'new2@any.test' }, scoped.key),
      await create({ email: 'new2@own.test', organisationId: null }, scoped.key),
      await create({ email: 'new2@own.test', organisationId: other }, scoped.key),
      await create({ email: 'new2@own.test', organisationId: NOBODY }, scoped.key),
    ];
    for (const answer of refused) expect([answer.status, fields(answer)]).toEqual([422, ['organisationId']]);
    // An organisation out of sight is refused in the words of one that does not exist.
    expect(new Set(refused.map(({ body }) => body.detail)).size).toBe(1);
  });

  test('brings nobody into his sight by moving a customer whose one ticket he was given', async () => {
    await addTickets(api.db, 8, { from: 900, people: 4 });
    const { rows } = await api.db.pool.query<{ id: string; requesterId: string }>(
      `update tickets set assignee_id = $1 where number = 901 returning id, requester_id as "requesterId"`,
      [scoped.userId],
    );
    const id = rows[0]?.requesterId ?? '';
    expect((await read(id, scoped.key)).status).toBe(200);
    const { body } = await api.ask('GET', `${PATH}/${id}/tickets`, { key: scoped.key });
    expect(body.items.map((one: { id: string }) => one.id)).toEqual([rows[0]?.id]);
    const moved = await change(id, { organisationId: own }, scoped.key);
    expect([moved.status, fields(moved)]).toEqual([422, ['organisationId']]);
    const mine = await addCustomer(api, { organisation: own });
    expect((await change(mine, { organisationId: other }, scoped.key)).status).toBe(422);
    expect((await change(mine, { name: 'Changed' }, scoped.key)).status).toBe(200);
  });
});

test('a customer has no way in to customers, and an integration that may only read writes none', async () => {
  const customerId = await addCustomer(api);
  const id = '11111111-1111-4111-8111-111111111111';
  await api.db.pool.query(
    `insert into users (id, email, name, role, customer_id, created_at) values ($1, 'me@c.test', 'Me', 'customer', $2, now())`,
    [id, customerId],
  );
  const { key: asCustomer, keyId } = await api.newKey('agent');
  await api.db.pool.query(`update api_keys set role = 'customer', user_id = $2 where id = $1`, [keyId, id]);
  expect((await read(customerId, asCustomer)).status).toBe(403);
  const reader = await api.newKey('integration');
  await api.db.pool.query(`update api_keys set permissions = '["customers:read"]' where id = $1`, [reader.keyId]);
  expect((await read(customerId, reader.key)).status).toBe(200);
  expect((await create({ email: 'no@example.com' }, reader.key)).status).toBe(403);
});
