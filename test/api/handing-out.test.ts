import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantedTo } from '../../domain/permissions.ts';
import { addPerson, signIn } from './people.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/users';
const EVERYTHING = { supportTypes: null, teams: null, organisations: null };
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('admin'));
});
afterAll(() => api.close());

const change = (id: string, json: unknown) => api.ask('PATCH', `${PATH}/${id}`, { key, json });
const read = async (id: string) => (await api.ask('GET', `${PATH}/${id}`, { key })).body;

describe('nobody raises himself', () => {
  test('because users are managed by admins alone', async () => {
    for (const role of ['lead', 'agent', 'bot', 'customer', 'integration'] as const) {
      const { accessToken: his, user } = await signIn(api, await addPerson(api, role));
      const asked = await Promise.all([
        api.ask('GET', PATH, { key: his }),
        api.ask('POST', PATH, { key: his, json: { email: 'x@holdfast.test', name: 'X', role: 'admin' } }),
        api.ask('PATCH', `${PATH}/${user.id}`, { key: his, json: { role: 'admin' } }),
        api.ask('DELETE', `${PATH}/${user.id}`, { key: his }),
        api.ask('POST', `${PATH}/${user.id}/logout`, { key: his }),
      ]);
      expect(asked.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    }
  });

  test('by a key that was cut down: it hands out no more than it has', async () => {
    const json = { name: 'people', userId: (await api.ask('GET', '/api/v1/me', { key })).body.id };
    const permissions = ['users:manage', ...grantedTo('agent')];
    const cut = (await api.ask('POST', '/api/v1/api-keys', { key, json: { ...json, permissions } })).body.apiKey;
    const given = (role: string) => ({ email: `${role}-${randomUUID()}@holdfast.test`, name: 'X', role });
    expect((await api.ask('POST', PATH, { key: cut, json: given('agent') })).status).toBe(201);
    expect((await api.ask('POST', PATH, { key: cut, json: given('admin') })).status).toBe(403);
    const agent = await addPerson(api, 'agent');
    expect((await api.ask('PATCH', `${PATH}/${agent.id}`, { key: cut, json: { role: 'admin' } })).status).toBe(403);
    const admin = await addPerson(api, 'admin');
    expect((await api.ask('POST', `${PATH}/${admin.id}/password-reset`, { key: cut })).status).toBe(403);
    expect((await api.ask('PATCH', `${PATH}/${admin.id}`, { key: cut, json: { email: 'a@b.test' } })).status).toBe(403);
    expect((await read(agent.id)).role).toBe('agent');
  });

  test('by a scope: whoever sees a part hands out that part', async () => {
    const admin = await addPerson(api, 'admin');
    await change(admin.id, { scope: { teams: ['billing'] } });
    const { accessToken: scoped } = await signIn(api, admin);
    const himself = await api.ask('PATCH', `${PATH}/${admin.id}`, { key: scoped, json: { scope: null } });
    expect([himself.status, himself.body.code]).toEqual([403, 'forbidden']);
    const json = { email: `${randomUUID()}@holdfast.test`, name: 'X', role: 'agent' };
    expect((await api.ask('POST', PATH, { key: scoped, json })).status).toBe(403);
    const within = { ...json, scope: { teams: ['billing'] } };
    expect((await api.ask('POST', PATH, { key: scoped, json: within })).status).toBe(201);
    const agent = { email: `${randomUUID()}@holdfast.test`, name: 'X', role: 'agent' };
    const { body } = await api.ask('POST', '/api/v1/agents', { key: scoped, json: agent });
    expect((await read(body.id)).scope).toEqual({ ...EVERYTHING, teams: ['billing'] });
  });
});
