/** A session is nobody's but its user's, and ends with the rights that it was given for, in every process of the API. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPerson, type Person, signIn, statusOf } from '../api/people.ts';
import { startApi, type TestApi } from '../api/support.ts';

let api: TestApi;
let other: TestApi;
let key: string;
/** Milliseconds by which the other process' clock has been moved on. */
let passed = 0;
beforeAll(async () => {
  api = await startApi();
  other = await startApi({ db: api.db, now: () => Date.now() + passed });
  ({ key } = await api.newKey('admin'));
});
afterAll(async () => {
  await other.close();
  await api.close();
});

const change = (person: Person, json: object) => api.ask('PATCH', `/api/v1/users/${person.id}`, { key, json });

describe('a token of before', () => {
  test.each([
    ['a role that was taken away', 'lead', { role: 'agent' }],
    ['a role that was given', 'agent', { role: 'admin' }],
    ['a scope that was narrowed', 'agent', { scope: { teams: ['billing'] } }],
    ['being disabled', 'agent', { disabled: true }],
  ] as const)('%s works nowhere two seconds later, and cannot be refreshed', async (_what, role, json) => {
    const person = await addPerson(api, role);
    const { accessToken, refreshToken } = await signIn(api, person);
    // The other process has just seen it, and remembers.
    expect(await statusOf(other, accessToken)).toBe(200);
    expect((await change(person, json)).status).toBe(200);
    expect(await statusOf(api, accessToken)).toBe(401);
    passed += 2_001;
    expect(await statusOf(other, accessToken)).toBe(401);
    expect((await other.ask('POST', '/api/v1/auth/refresh', { json: { refreshToken } })).status).toBe(401);
  });

  test('is never more than it was: the rights are read anew, also by who has changed nothing but them', async () => {
    const { key: his, keyId } = await api.newKey('lead');
    const dashboard = (at: TestApi) => at.ask('GET', '/api/v1/sla/dashboard', { key: his });
    expect((await dashboard(other)).status).toBe(200);
    const json = { permissions: ['tickets:read'] };
    expect((await api.ask('PATCH', `/api/v1/api-keys/${keyId}`, { key, json })).status).toBe(200);
    expect((await dashboard(api)).status).toBe(403);
    passed += 2_001;
    expect((await dashboard(other)).status).toBe(403);
  });
});

describe('who signs in', () => {
  test('gets a session that nobody could have named before, whatever the request proposes', async () => {
    const person = await addPerson(api, 'agent');
    const planted = randomUUID();
    const headers = { Cookie: `sid=${planted}; session=${planted}`, 'X-Session-Id': planted };
    const { body } = await api.ask('POST', '/api/v1/auth/login', {
      headers,
      json: { email: person.email, password: 'correct horse battery' },
    });
    const { rows } = await api.db.pool.query<{ id: string }>('select id from sessions where user_id = $1', [person.id]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, body])).not.toContain(planted);
    expect(new Set([body.accessToken, body.refreshToken])).not.toContain(planted);
  });

  test('and signs in again has two sessions, of which neither’s token refreshes the other’s', async () => {
    const person = await addPerson(api, 'agent');
    const [one, two] = [await signIn(api, person), await signIn(api, person)];
    expect(one.refreshToken).not.toBe(two.refreshToken);
    await api.ask('POST', '/api/v1/auth/logout', { key: one.accessToken, json: {} });
    expect([await statusOf(api, one.accessToken), await statusOf(api, two.accessToken)]).toEqual([401, 200]);
    const again = await api.ask('POST', '/api/v1/auth/refresh', { json: { refreshToken: one.refreshToken } });
    expect(again.status).toBe(401);
    expect(await statusOf(api, two.accessToken)).toBe(200);
  });
});
