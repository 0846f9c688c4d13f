import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { candidates } from '../../db/agents.ts';
import { pageesOf } from '../../db/pagees.ts';
import { createSettings } from '../../db/settings.ts';
import { addCustomer, addPerson, signIn, statusesOf, statusOf, toldBy } from './people.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/users';
const EVERYTHING = { supportTypes: null, teams: null, organisations: null };
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.pool.query(`update users set disabled_at = now() where role = 'admin'`);
  ({ key } = await api.newKey('admin'));
});

const change = (id: string, json: unknown, headers = {}) => api.ask('PATCH', `${PATH}/${id}`, { key, json, headers });
const read = async (id: string) => (await api.ask('GET', `${PATH}/${id}`, { key })).body;

async function addOrganisation(): Promise<string> {
  const id = randomUUID();
  await api.db.pool.query('insert into organisations (id, name) values ($1, $2)', [id, `Organisation ${id}`]);
  return id;
}

describe('a user', () => {
  test('is added without a password, and read as it was added', async () => {
    const organisation = await addOrganisation();
    const scope = { supportTypes: ['lost-parcel'], teams: ['fulfilment', 'billing'], organisations: [organisation] };
    const json = { email: 'Zoe@Holdfast.test', name: 'Zoe', role: 'agent', scope };
    const made = await api.ask('POST', PATH, { key, json });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      email: 'zoe@holdfast.test',
      name: 'Zoe',
      role: 'agent',
      scope: { ...scope, teams: ['billing', 'fulfilment'] },
      customerId: null,
      disabled: false,
      hasPassword: false,
    });
    const again = await api.ask('GET', made.headers.get('location') ?? '', { key });
    expect(again.body).toEqual(made.body);
    expect(again.headers.get('etag')).toBe(made.headers.get('etag'));
    const seat = await api.db.pool.query('select from agents where id = $1', [made.body.id]);
    expect(seat.rowCount).toBe(1);
  });

  test('of the role customer is a customer, who has one user at most', async () => {
    const customerId = await addCustomer(api.db.pool);
    const json = { email: 'kim@holdfast.test', name: 'Kim', role: 'customer', customerId };
    const made = await api.ask('POST', PATH, { key, json });
    expect([made.status, made.body.customerId]).toEqual([201, customerId]);
    const second = await api.ask('POST', PATH, { key, json: { ...json, email: 'kim2@holdfast.test' } });
    expect([second.status, second.body.errors[0].path]).toEqual([422, 'customerId']);
    const seat = await api.db.pool.query('select from agents where id = $1', [made.body.id]);
    expect(seat.rowCount).toBe(0);
  });

  test('is listed by e-mail address, by role and by state, page by page', async () => {
    for (const name of ['list-b', 'list-a']) await addPerson(api, 'bot', `${name}@holdfast.test`);
    const first = await api.ask('GET', `${PATH}?role=bot&limit=1&fields=email`, { key });
    expect(first.body.items).toEqual([{ email: 'list-a@holdfast.test' }]);
    const next = await api.ask('GET', `${PATH}?role=bot&limit=1&fields=email&cursor=${first.body.nextCursor}`, { key });
    expect(next.body).toEqual({ items: [{ email: 'list-b@holdfast.test' }], nextCursor: null });
    const { body } = await api.ask('GET', `${PATH}?role=admin&disabled=false`, { key });
    expect(body.items).toHaveLength(1);
    const gone = await api.ask('GET', `${PATH}?role=admin&disabled=true&limit=100`, { key });
    expect(gone.body.items.every(({ disabled }: { disabled: boolean }) => disabled)).toBe(true);
  });

  test('is renamed without being signed out, and an old If-Match changes nothing', async () => {
    const person = await addPerson(api, 'agent');
    const { accessToken } = await signIn(api, person);
    const before = await api.ask('GET', `${PATH}/${person.id}`, { key });
    const seen = { 'If-Match': before.headers.get('etag') ?? '' };
    const email = `renamed-${person.id}@holdfast.test`;
    const renamed = await change(person.id, { name: 'Grace Hopper', email }, seen);
    expect(renamed.body).toMatchObject({ name: 'Grace Hopper', email, role: 'agent' });
    expect(await statusOf(api, accessToken)).toBe(200);
    expect((await change(person.id, { name: 'Somebody' }, seen)).status).toBe(412);
    expect(await read(person.id)).toEqual(renamed.body);
  });

  test.each([
    ['another role', { role: 'lead' }],
    ['another scope', { scope: { teams: ['billing'] } }],
    ['no access any more', { disabled: true }],
  ])('who gets %s is signed out everywhere', async (_what, json) => {
    const person = await addPerson(api, 'agent');
    const { accessToken, refreshToken } = await signIn(api, person);
    expect(await statusOf(api, accessToken)).toBe(200);
    const told = await toldBy(api, async () => expect((await change(person.id, json)).status).toBe(200));
    expect(told).toContain(person.id);
    expect(told).toHaveLength(2);
    expect(await statusOf(api, accessToken)).toBe(401);
    expect((await api.ask('POST', '/api/v1/auth/refresh', { json: { refreshToken } })).status).toBe(401);
  });

  test('sees the scope that was given, at the next sign-in', async () => {
    const person = await addPerson(api, 'agent');
    const scope = { ...EVERYTHING, teams: ['billing'] };
    expect((await change(person.id, { scope: { teams: ['billing'] } })).body.scope).toEqual(scope);
    const { accessToken } = await signIn(api, person);
    expect((await api.ask('GET', '/api/v1/me', { key: accessToken })).body.scope).toEqual(scope);
    expect((await change(person.id, { scope: null })).body.scope).toEqual(EVERYTHING);
  });

  test('who is disabled takes no more tickets and is there again when enabled, signed in nowhere', async () => {
    const person = await addPerson(api, 'agent');
    const { accessToken } = await signIn(api, person);
    await api.db.pool.query(`update agents set availability = 'online' where id = $1`, [person.id]);
    expect((await change(person.id, { disabled: true })).body.disabled).toBe(true);
    const { rows } = await api.db.pool.query('select availability from agents where id = $1', [person.id]);
    expect(rows).toEqual([{ availability: 'offline' }]);
    await api.db.pool.query(`update users set slack_user_id = 'U0GONE' where id = $1`, [person.id]);
    const json = { agentId: person.id };
    expect((await api.ask('POST', '/api/v1/tickets/T-1/assign', { key, json })).status).toBe(422);
    const { pool } = api.db;
    const chosen = await candidates(pool, await createSettings(pool).read(), Date.now());
    expect(chosen.map(({ id }) => id)).not.toContain(person.id);
    expect(await pageesOf(pool, { ids: [person.id], emails: [], roles: [], teamIds: [] })).toEqual([]);
    expect((await change(person.id, { disabled: false })).body.disabled).toBe(false);
    expect(await statusOf(api, accessToken)).toBe(401);
    expect(await statusOf(api, (await signIn(api, person)).accessToken)).toBe(200);
  });

  test('who is deleted stays in the history, disabled, without sessions and keys', async () => {
    const { key: his, userId, keyId } = await api.newKey('agent');
    expect(await statusOf(api, his)).toBe(200);
    const told = await toldBy(api, async () => {
      const gone = await api.ask('DELETE', `${PATH}/${userId}`, { key });
      expect([gone.status, gone.body.disabled]).toEqual([200, true]);
    });
    expect(told).toEqual([userId, keyId]);
    expect(await statusOf(api, his)).toBe(401);
    expect((await change(userId, { disabled: false })).status).toBe(200);
    expect(await statusOf(api, his)).toBe(401);
    expect((await read(userId)).disabled).toBe(false);
  });

  test('is signed out everywhere by an admin, and the keys stay', async () => {
    const person = await addPerson(api, 'agent');
    const { accessToken } = await signIn(api, person);
    const out = await api.ask('POST', `${PATH}/${person.id}/logout`, { key });
    expect([out.status, out.body]).toEqual([200, { ended: 1 }]);
    expect(await statusOf(api, accessToken)).toBe(401);
  });
});

test('every change of people is written down with who made it, and no secret with it', async () => {
  const person = await addPerson(api, 'agent');
  const { accessToken } = await signIn(api, person);
  await change(person.id, { role: 'lead' });
  const token = (await api.ask('POST', `${PATH}/${person.id}/password-reset`, { key })).body.token;
  await api.ask('POST', '/api/v1/auth/password-reset', { json: { token, newPassword: 'another horse battery' } });
  const admin = (await api.ask('GET', '/api/v1/me', { key })).body.id;
  const { rows } = await api.db.pool.query(
    `select action, actor_id as by, changes::text from audit_entries
     where changes::text || coalesce(target_id, '') like '%' || $1 || '%' order by at`,
    [person.id],
  );
  expect(rows.map(({ action, by }) => [action, by])).toEqual(
    expect.arrayContaining([
      ['sessions.create', person.id],
      ['users.update', admin],
      ['passwordTokens.create', admin],
      ['users.update', person.id],
    ]),
  );
  const { rows: ended } = await api.db.pool.query(
    `select changes -> 'end_reason' ->> 'after' as why, actor_id as by from audit_entries
     where action = 'sessions.update' and target_id in (select id::text from sessions where user_id = $1)`,
    [person.id],
  );
  expect(ended).toEqual([{ why: 'rightsChanged', by: admin }]);
  const written = JSON.stringify(rows);
  for (const secret of [token, accessToken, 'argon2id']) expect(written).not.toContain(secret);
});

describe('the last admin who is not disabled', () => {
  test.each([
    ['demoted', (id: string) => change(id, { role: 'lead' })],
    ['disabled', (id: string) => change(id, { disabled: true })],
    ['deleted', (id: string) => api.ask('DELETE', `${PATH}/${id}`, { key })],
  ])('cannot be %s', async (_what, act) => {
    const { body: me } = await api.ask('GET', '/api/v1/me', { key });
    const answer = await act(me.id);
    expect([answer.status, answer.body.code]).toEqual([409, 'last_admin']);
    expect(await read(me.id)).toMatchObject({ role: 'admin', disabled: false });
  });

  test('is left also when two admins demote each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await api.db.pool.query(`update users set disabled_at = now() where role = 'admin'`);
      const [one, other] = [await api.newKey('admin'), await api.newKey('admin')];
      const answers = await Promise.all([
        api.ask('PATCH', `${PATH}/${one.userId}`, { key: other.key, json: { role: 'agent' } }),
        api.ask('PATCH', `${PATH}/${other.userId}`, { key: one.key, json: { disabled: true } }),
      ]);
      expect(statusesOf(answers)).not.toEqual([200, 200]);
      const { rows } = await api.db.pool.query(
        `select count(*)::int as n from users where role = 'admin' and disabled_at is null`,
      );
      expect(rows).toEqual([{ n: 1 }]);
    }
  });
});

describe('what a user cannot be', () => {
  const usual = { email: 'wrong@holdfast.test', name: 'Wrong', role: 'agent' };
  test.each([
    [{ email: 'nowhere' }, 'email'],
    [{ name: ' ' }, 'name'],
    [{ role: 'integration' }, 'role'],
    [{ role: 'root' }, 'role'],
    [{ role: 'customer' }, 'customerId'],
    [{ customerId: 'a0000000-0000-4000-8000-000000000000' }, 'customerId'],
    [{ role: 'customer', customerId: 'a0000000-0000-4000-8000-000000000000' }, 'customerId'],
    [{ scope: { teams: ['nobody'] } }, 'scope.teams.0'],
    [{ scope: { supportTypes: ['nothing'] } }, 'scope.supportTypes.0'],
    [{ scope: { organisations: ['a0000000-0000-4000-8000-000000000000'] } }, 'scope.organisations.0'],
    [{ passwordHash: 'x' }, 'passwordHash'],
    [{ password: 'x' }, 'password'],
    [{ id: 'a0000000-0000-4000-8000-000000000000' }, 'id'],
    [{ slackUserId: 'U0' }, 'slackUserId'],
    [{ disabled: true }, 'disabled'],
  ])('is refused with the field, and nobody is added: %j', async (over, path) => {
    const answer = await api.ask('POST', PATH, { key, json: { ...usual, ...over } });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
    const { rowCount } = await api.db.pool.query('select from users where email = $1', [usual.email]);
    expect(rowCount).toBe(0);
  });

  test.each([
    [{ role: 'customer' }, 'role'],
    [{ customerId: null }, 'customerId'],
    [{ passwordHash: 'x' }, 'passwordHash'],
    [{ id: 'a0000000-0000-4000-8000-000000000000' }, 'id'],
    [{ scope: { teams: ['nobody'] } }, 'scope.teams.0'],
    [{ scope: { everything: true } }, 'scope.everything'],
  ])('is no change either: %j', async (json, path) => {
    const { id } = await addPerson(api, 'agent');
    const before = await read(id);
    const answer = await change(id, json);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    expect(await read(id)).toEqual(before);
  });

  test('has an address that another user has, also when two ask for it at once', async () => {
    const json = { email: 'twice@holdfast.test', name: 'Twice', role: 'agent' };
    const answers = await Promise.all([api.ask('POST', PATH, { key, json }), api.ask('POST', PATH, { key, json })]);
    expect(statusesOf(answers)).toEqual([201, 422]);
    const { id } = await addPerson(api, 'agent');
    expect((await change(id, { email: 'TWICE@holdfast.test' })).body.errors[0].path).toBe('email');
  });

  test('is found by nobody where there is none', async () => {
    for (const id of ['ada', '%00', 'a0000000-0000-4000-8000-000000000000']) {
      for (const [method, path, json] of [
        ['GET', '', undefined],
        ['PATCH', '', { name: 'Ada' }],
        ['DELETE', '', undefined],
        ['POST', '/logout', {}],
        ['POST', '/password-reset', {}],
      ] as const) {
        const ask = json === undefined ? { key } : { key, json };
        expect((await api.ask(method, `${PATH}/${id}${path}`, ask)).body.code).toBe('not_found');
      }
    }
  });
});
