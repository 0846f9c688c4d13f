import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addPerson, statusOf, toldBy } from './people.ts';
import { openTicket } from './setting-rows.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/api-keys';
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('admin'));
});
afterAll(() => api.close());

const make = (json: unknown) => api.ask('POST', PATH, { key, json });
const change = (id: string, json: unknown, headers = {}) => api.ask('PATCH', `${PATH}/${id}`, { key, json, headers });
const me = async (credential: string) => (await api.ask('GET', '/api/v1/me', { key: credential })).body;

describe('an API key', () => {
  test('of nobody is an integration’s, shown once, with a hint to know it by', async () => {
    const made = await make({ name: 'shop' });
    expect(made.status).toBe(201);
    const { apiKey, ...shown } = made.body;
    expect(apiKey).toMatch(/^hf_[\w-]{43}$/);
    expect(shown).toMatchObject({ name: 'shop', role: 'integration', user: null, hint: apiKey.slice(-4) });
    expect(await me(apiKey)).toMatchObject({ id: shown.id, kind: 'integration', email: null });
    const read = await api.ask('GET', made.headers.get('location') ?? '', { key });
    expect(JSON.stringify(read.body)).not.toContain(apiKey);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));
  });

  test('of a user has the role that the user has at each request', async () => {
    const { id } = await addPerson(api, 'agent');
    const { apiKey } = (await make({ name: 'his', userId: id })).body;
    expect(await me(apiKey)).toMatchObject({ id, role: 'agent' });
    await api.ask('PATCH', `/api/v1/users/${id}`, { key, json: { role: 'lead' } });
    expect(await me(apiKey)).toMatchObject({ id, role: 'lead' });
    await api.ask('PATCH', `/api/v1/users/${id}`, { key, json: { role: 'agent' } });
    expect((await api.ask('GET', '/api/v1/inbox', { key: apiKey })).status).toBe(403);
  });

  test('of a disabled user does not work, and a disabled user gets none', async () => {
    const { id } = await addPerson(api, 'agent');
    const { apiKey } = (await make({ name: 'his', userId: id })).body;
    expect(await statusOf(api, apiKey)).toBe(200);
    await api.ask('PATCH', `/api/v1/users/${id}`, { key, json: { disabled: true } });
    expect(await statusOf(api, apiKey)).toBe(401);
    const refused = await make({ name: 'another', userId: id });
    expect([refused.status, refused.body.errors[0].path]).toEqual([422, 'userId']);
    await api.ask('PATCH', `/api/v1/users/${id}`, { key, json: { disabled: false } });
    expect(await statusOf(api, apiKey)).toBe(200);
  });

  test('that is cut down may do what it names and nothing else, and less when the role grants less', async () => {
    const { id } = await addPerson(api, 'lead');
    const made = await make({ name: 'reader', userId: id, permissions: ['tickets:read', 'inbox:read'] });
    const { apiKey } = made.body;
    expect(made.body.permissions).toEqual(['inbox:read', 'tickets:read']);
    expect((await me(apiKey)).permissions).toEqual(['tickets:read', 'inbox:read']);
    expect((await api.ask('GET', '/api/v1/tickets', { key: apiKey })).status).toBe(200);
    const refused = await api.ask('GET', '/api/v1/teams', { key: apiKey });
    expect([refused.status, refused.body.permission]).toEqual([403, 'settings:read']);
    await api.ask('PATCH', `/api/v1/users/${id}`, { key, json: { role: 'agent' } });
    expect((await me(apiKey)).permissions).toEqual(['tickets:read']);
    const none = (await make({ name: 'nothing', userId: id, permissions: [] })).body.apiKey;
    expect((await me(none)).permissions).toEqual([]);
    expect((await api.ask('GET', '/api/v1/tickets', { key: none })).status).toBe(403);
  });

  test('narrows what its user sees and never widens it', async () => {
    const [billing, security, both] = await Promise.all(
      ['billing', 'security', 'success'].map((teamId) => openTicket(api.db, { teamId })),
    );
    const { id } = await addPerson(api, 'agent');
    await api.ask('PATCH', `/api/v1/users/${id}`, { key, json: { scope: { teams: ['billing', 'security'] } } });
    const seenBy = async (teams: string[] | null) => {
      const { apiKey } = (await make({ name: 'narrow', userId: id, scope: { teams } })).body;
      const { items } = (await api.ask('GET', '/api/v1/tickets', { key: apiKey })).body;
      return {
        scope: (await me(apiKey)).scope.teams,
        items: new Set(items.map((ticket: { id: string }) => ticket.id)),
      };
    };
    expect(await seenBy(null)).toEqual({ scope: ['billing', 'security'], items: new Set([billing, security]) });
    expect(await seenBy(['security', 'success'])).toEqual({ scope: ['security'], items: new Set([security]) });
    expect(await seenBy(['success'])).toEqual({ scope: [], items: new Set() });
    const { apiKey } = (await make({ name: 'shop', scope: { teams: ['success'] } })).body;
    const { body } = await api.ask('GET', '/api/v1/tickets', { key: apiKey });
    expect(body.items.map((ticket: { id: string }) => ticket.id)).toEqual([both]);
  });

  test('is renamed, cut down further and told, with an If-Match that its use does not break', async () => {
    const made = await make({ name: 'first' });
    const { id, apiKey } = made.body;
    expect(await statusOf(api, apiKey)).toBe(200);
    await vi.waitFor(async () => {
      expect((await api.ask('GET', `${PATH}/${id}`, { key })).body.lastUsedAt).not.toBeNull();
    });
    const seen = { 'If-Match': made.headers.get('etag') ?? '' };
    let told = await toldBy(api, async () => {
      expect((await change(id, { name: 'second' }, seen)).body.name).toBe('second');
    });
    expect(told).toEqual([]);
    expect((await change(id, { name: 'third' }, seen)).status).toBe(412);
    told = await toldBy(api, () => change(id, { permissions: ['tickets:read'] }));
    expect(told).toEqual([id]);
    expect((await me(apiKey)).permissions).toEqual(['tickets:read']);
    expect((await change(id, { permissions: null, scope: { teams: ['billing'] } })).body).toMatchObject({
      name: 'second',
      permissions: null,
      scope: { teams: ['billing'] },
    });
  });

  test('that is revoked works no more at once, and is not found any more', async () => {
    const { id, apiKey } = (await make({ name: 'gone' })).body;
    expect(await statusOf(api, apiKey)).toBe(200);
    const told = await toldBy(api, async () => {
      expect((await api.ask('DELETE', `${PATH}/${id}`, { key })).status).toBe(200);
    });
    expect(told).toEqual([id]);
    expect(await statusOf(api, apiKey)).toBe(401);
    expect((await api.ask('GET', `${PATH}/${id}`, { key })).status).toBe(404);
    expect((await change(id, { name: 'back' })).status).toBe(404);
    expect((await api.ask('DELETE', `${PATH}/${id}`, { key })).status).toBe(404);
    const { rowCount } = await api.db.pool.query('select from api_keys where id = $1', [id]);
    expect(rowCount).toBe(1);
  });

  test('is listed with its user, page by page', async () => {
    const { id: userId } = await addPerson(api, 'bot');
    const ids = [];
    for (const name of ['one', 'two']) ids.push((await make({ name, userId })).body.id);
    const first = await api.ask('GET', `${PATH}?userId=${userId}&limit=1`, { key });
    expect(first.body.items[0]).toMatchObject({ id: ids[0], name: 'one', user: { id: userId, name: 'Grace' } });
    const next = await api.ask('GET', `${PATH}?userId=${userId}&limit=1&cursor=${first.body.nextCursor}`, { key });
    expect(next.body).toMatchObject({ items: [{ id: ids[1] }], nextCursor: null });
  });

  test('is kept as a hash only, and neither logged nor kept for an Idempotency-Key', async () => {
    const made = await api.ask('POST', PATH, { key, json: { name: 'x' }, headers: { 'Idempotency-Key': 'one key' } });
    const { id, apiKey } = made.body;
    await statusOf(api, apiKey);
    const { rows } = await api.db.pool.query('select * from api_keys where id = $1', [id]);
    expect(rows[0].hash).toBe(createHash('sha256').update(apiKey).digest('hex'));
    const kept = await api.db.pool.query('select json_agg(k)::text as kept from idempotency_keys k');
    expect(JSON.stringify(rows) + kept.rows[0].kept + api.log.join('')).not.toContain(apiKey);
  });
});

describe('what an API key cannot be', () => {
  test.each([
    [{ permissions: ['tickets:reply'] }, 'permissions.0'],
    [{ permissions: ['tickets:read', 'users:manage'] }, 'permissions.1'],
    [{ permissions: ['everything'] }, 'permissions.0'],
    [{ userId: 'a0000000-0000-4000-8000-000000000000' }, 'userId'],
    [{ userId: 'ada' }, 'userId'],
    [{ scope: { teams: ['nobody'] } }, 'scope.teams.0'],
    [{ role: 'admin' }, 'role'],
    [{ hash: 'x' }, 'hash'],
    [{ name: '' }, 'name'],
  ])('is refused with the field, and none is made: %j', async (over, path) => {
    const count = async () => (await api.db.pool.query('select from api_keys')).rowCount;
    const before = await count();
    const answer = await make({ name: 'wrong', ...over });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    expect(await count()).toBe(before);
  });

  test('is no change either, nor another user’s', async () => {
    const { id } = (await make({ name: 'stays' })).body;
    for (const json of [{ permissions: ['keys:manage'] }, { userId: null }, { role: 'admin' }, { revokedAt: null }]) {
      expect((await change(id, json)).status).toBe(422);
    }
  });

  test('is a customer’s with a scope, because a customer sees his own tickets and nothing else', async () => {
    const { id: userId } = await addPerson(api, 'customer');
    const refused = await make({ name: 'portal', userId, scope: { teams: ['billing'] } });
    expect(refused.body.errors[0].path).toBe('scope');
    expect((await make({ name: 'portal', userId })).body.role).toBe('customer');
  });

  test('is one with more than its maker’s key has', async () => {
    const { id: userId } = await me(key);
    const cut = (await make({ name: 'cut', userId, permissions: ['keys:manage', 'tickets:read'] })).body;
    const by = (json: unknown) => api.ask('POST', PATH, { key: cut.apiKey, json });
    expect((await by({ name: 'more', userId })).status).toBe(403);
    expect((await by({ name: 'more', userId, permissions: ['users:manage'] })).status).toBe(403);
    expect((await by({ name: 'same', userId, permissions: ['tickets:read'] })).status).toBe(201);
    const own = { key: cut.apiKey, json: { permissions: null } };
    expect((await api.ask('PATCH', `${PATH}/${cut.id}`, own)).status).toBe(403);
    const { id: whole } = (await make({ name: 'whole', userId })).body;
    expect((await api.ask('DELETE', `${PATH}/${whole}`, { key: cut.apiKey })).status).toBe(403);

    const narrow = (await make({ name: 'narrow', userId, scope: { teams: ['billing'] } })).body.apiKey;
    expect((await api.ask('POST', PATH, { key: narrow, json: { name: 'wide' } })).status).toBe(403);
    const json = { name: 'narrow too', scope: { teams: ['billing'] } };
    expect((await api.ask('POST', PATH, { key: narrow, json })).status).toBe(201);
  });

  test('is made by others than admins', async () => {
    for (const role of ['lead', 'agent', 'bot', 'customer', 'integration'] as const) {
      const { id } = await addPerson(api, role);
      const { apiKey } = (await make({ name: 'his', userId: id })).body;
      const asked = await Promise.all([
        api.ask('GET', PATH, { key: apiKey }),
        api.ask('POST', PATH, { key: apiKey, json: { name: 'more', userId: id } }),
      ]);
      expect(asked.map(({ status }) => status)).toEqual([403, 403]);
    }
  });
});
