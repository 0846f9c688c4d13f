import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/agents';
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());

const change = (id: string, json: unknown, headers = {}) => api.ask('PATCH', `${PATH}/${id}`, { key, json, headers });

describe('an agent', () => {
  test('is added as a person who has no password yet, with what is usual', async () => {
    const made = await api.ask('POST', PATH, {
      key,
      json: { email: 'Zoe@Holdfast.test', name: 'Zoe', role: 'agent', capacity: 7, teams: ['billing', 'security'] },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      email: 'zoe@holdfast.test',
      role: 'agent',
      availability: 'offline',
      capacity: 7,
      load: 0,
      senior: false,
      languages: ['en'],
      teams: ['billing', 'security'],
      onAway: 'keep',
      apiKey: null,
    });
    const { apiKey: _, ...agent } = made.body;
    const read = await api.ask('GET', made.headers.get('location') ?? '', { key });
    expect(read.body).toEqual(agent);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));
  });

  test('that is a bot gets a key that works, is shown once, and is kept as a hash only', async () => {
    const json = { email: 'bot@holdfast.test', name: 'Bot', role: 'bot' };
    const headers = { 'Idempotency-Key': 'the bot' };
    const made = await api.ask('POST', PATH, { key, json, headers });
    const { apiKey, id } = made.body;
    expect(apiKey).toMatch(/^hf_/);
    expect((await api.ask('GET', '/api/v1/me', { key: apiKey })).body).toMatchObject({ id, kind: 'bot', role: 'bot' });
    expect((await api.ask('POST', `${PATH}/${id}/login`, { key: apiKey })).body.availability).toBe('online');

    const { rows } = await api.db.pool.query(`select hash from api_keys where user_id = $1`, [id]);
    expect(rows).toEqual([{ hash: createHash('sha256').update(apiKey).digest('hex') }]);
    const kept = await api.db.pool.query(`select from idempotency_keys where body::text like '%' || $1 || '%'`, [
      apiKey,
    ]);
    expect(kept.rowCount).toBe(0);
    expect(api.log.join('')).not.toContain(apiKey);
    const again = await api.ask('POST', PATH, { key, json, headers });
    expect(again.status).toBe(422);
    expect(again.body.errors).toEqual([
      { path: 'email', message: 'is "bot@holdfast.test", which another user has; give another address' },
    ]);
  });

  test('is changed field by field, and what is not given stays', async () => {
    const { userId } = await api.newKey('agent');
    const given = {
      capacity: 3,
      senior: true,
      languages: ['de', 'en'],
      skills: { disputes: 4 },
      teams: ['billing'],
      calendarId: 'weekdays',
      onAway: 'handBack',
    };
    expect((await change(userId, given)).body).toMatchObject(given);
    const changed = await change(userId, { teams: ['success', 'technical'], calendarId: null });
    expect(changed.body).toMatchObject({ ...given, teams: ['success', 'technical'], calendarId: null });
    expect((await api.ask('GET', `${PATH}/${userId}`, { key })).body).toEqual(changed.body);
  });

  test('whose capacity is lowered below the load keeps the tickets', async () => {
    const { userId } = await api.newKey('agent');
    await api.db.pool.query('update agents set load = 5 where id = $1', [userId]);
    expect((await change(userId, { capacity: 2 })).body).toMatchObject({ capacity: 2, load: 5 });
  });

  test('whose load the caller has not seen is not changed with an If-Match', async () => {
    const { userId } = await api.newKey('agent');
    const read = await api.ask('GET', `${PATH}/${userId}`, { key });
    const seen = { 'If-Match': read.headers.get('etag') ?? '' };
    await api.db.pool.query('update agents set load = load + 1 where id = $1', [userId]);
    expect((await change(userId, { capacity: 9 }, seen)).status).toBe(412);
    expect((await change(userId, { capacity: 9 })).body.capacity).toBe(9);
  });

  test('is listed by name, by team and by availability, page by page', async () => {
    for (const name of ['Yan', 'Xiu']) {
      const json = { email: `${name}@holdfast.test`, name, role: 'agent', teams: ['fulfilment'] };
      await api.ask('POST', PATH, { key, json });
    }
    const first = await api.ask('GET', `${PATH}?team=fulfilment&limit=1&fields=name`, { key });
    expect(first.body.items).toEqual([{ name: 'Xiu' }]);
    const next = await api.ask('GET', `${PATH}?team=fulfilment&limit=1&fields=name&cursor=${first.body.nextCursor}`, {
      key,
    });
    expect(next.body).toEqual({ items: [{ name: 'Yan' }], nextCursor: null });
    expect((await api.ask('GET', `${PATH}?team=fulfilment&availability=online`, { key })).body.items).toEqual([]);
  });

  test('tells whoever hands out tickets when there may be room', async () => {
    const { userId } = await api.newKey('agent');
    const listener = await api.db.pool.connect();
    let told = 0;
    listener.on('notification', () => (told += 1));
    await listener.query('listen dispatch');
    await change(userId, { capacity: 30 });
    await listener.query('select 1');
    expect(told).toBe(1);
    listener.release(true);
  });
});

describe('an agent that cannot be', () => {
  const nobody = 'a0000000-0000-4000-8000-000000000000';
  test.each([
    [{ capacity: -1 }, 'capacity', 'must be at least 0'],
    [{ capacity: 1001 }, 'capacity', 'must be at most 1000'],
    [{ languages: ['german'] }, 'languages.0', 'must be two small letters'],
    [{ skills: { disputes: 0 } }, 'skills.disputes', 'must be at least 1'],
    [{ skills: { 'Not a skill': 1 } }, 'skills.Not a skill', 'must be named by small letters'],
    [{ teams: ['billing', 'nobody'] }, 'teams.1', 'names the team "nobody", and there is none'],
    [{ calendarId: 'never' }, 'calendarId', 'names the calendar "never", and there is none'],
    [{ onAway: 'vanish' }, 'onAway', 'must be one of keep, handBack'],
    [{ load: 0 }, 'load', 'is not known here'],
    [{ role: 'admin' }, 'role', 'is not known here'],
  ])('is refused with the field and the fix, and nothing changes: %j', async (over, path, message) => {
    const { userId } = await api.newKey('agent');
    const before = await api.ask('GET', `${PATH}/${userId}`, { key });
    const answer = await change(userId, { senior: true, ...over });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toContain(message);
    expect((await api.ask('GET', `${PATH}/${userId}`, { key })).body).toEqual(before.body);
  });

  test('added with a wrong team leaves no user behind', async () => {
    const json = { email: 'half@holdfast.test', name: 'Half', role: 'bot', teams: ['nobody'] };
    expect((await api.ask('POST', PATH, { key, json })).status).toBe(422);
    const { rowCount } = await api.db.pool.query(`select from users where email = 'half@holdfast.test'`);
    expect(rowCount).toBe(0);
  });

  test('is no admin, and is made by leads only', async () => {
    const json = { email: 'root@holdfast.test', name: 'Root', role: 'admin' };
    expect((await api.ask('POST', PATH, { key, json })).body.errors[0].path).toBe('role');
    const { key: agent, userId } = await api.newKey('agent');
    expect((await api.ask('POST', PATH, { key: agent, json: { ...json, role: 'bot' } })).status).toBe(403);
    expect((await api.ask('PATCH', `${PATH}/${userId}`, { key: agent, json: { capacity: 1000 } })).status).toBe(403);
  });

  test('because there is none of the id is not found', async () => {
    for (const id of [nobody, 'ada', '%00']) {
      expect((await api.ask('GET', `${PATH}/${id}`, { key })).body.code).toBe('not_found');
      expect((await change(id, { capacity: 1 })).body.code).toBe('not_found');
      expect((await api.ask('GET', `${PATH}/${id}/queue`, { key })).body.code).toBe('not_found');
      expect((await api.ask('POST', `${PATH}/${id}/login`, { key })).body.code).toBe('not_found');
    }
  });
});
