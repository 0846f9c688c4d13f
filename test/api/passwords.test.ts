import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPerson, PASSWORD, type Person, signIn, statusesOf, statusOf, toldBy } from './people.ts';
import { startApi, type TestApi } from './support.ts';

const NEW = 'another horse battery';
let api: TestApi;
let admin: string;
beforeAll(async () => {
  api = await startApi();
  ({ key: admin } = await api.newKey('admin'));
});
afterAll(() => api.close());

const signInWith = (email: string, password: string) =>
  api.ask('POST', '/api/v1/auth/login', { json: { email, password } });
const change = (key: string, currentPassword: string, newPassword: string) =>
  api.ask('POST', '/api/v1/auth/password', { key, json: { currentPassword, newPassword } });
const reset = (token: unknown, newPassword = NEW) =>
  api.ask('POST', '/api/v1/auth/password-reset', { json: { token, newPassword } });

async function tokenFor({ id }: Person): Promise<string> {
  const made = await api.ask('POST', `/api/v1/users/${id}/password-reset`, { key: admin });
  expect(made.status).toBe(201);
  return made.body.token;
}

describe('changing one’s password', () => {
  test('ends all sessions and answers a new one', async () => {
    const person = await addPerson(api, 'agent');
    const [here, there] = [await signIn(api, person), await signIn(api, person)];
    expect(await statusOf(api, there.accessToken)).toBe(200);
    let changed;
    const told = await toldBy(api, async () => (changed = await change(here.accessToken, PASSWORD, NEW)));
    expect(told).toHaveLength(2);
    expect(changed).toMatchObject({ status: 200, body: { user: { id: person.id } } });
    expect(await statusOf(api, here.accessToken)).toBe(401);
    expect(await statusOf(api, there.accessToken)).toBe(401);
    const next = await signInWith(person.email, NEW);
    expect(await statusOf(api, next.body.accessToken)).toBe(200);
    expect((await signInWith(person.email, PASSWORD)).status).toBe(401);
  });

  test('needs the present one, and guesses at it are counted with those of signing in', async () => {
    const person = await addPerson(api, 'agent');
    const { accessToken } = await signIn(api, person);
    for (let i = 0; i < 3; i += 1) {
      const refused = await change(accessToken, 'guess', NEW);
      expect([refused.status, refused.body.errors[0].path]).toEqual([422, 'currentPassword']);
    }
    for (let i = 0; i < 2; i += 1) await signInWith(person.email, 'guess');
    expect((await change(accessToken, PASSWORD, NEW)).status).toBe(429);
    expect(await statusOf(api, accessToken)).toBe(200);
  });

  test('takes twelve characters at least, and no API key', async () => {
    const person = await addPerson(api, 'agent');
    const { accessToken } = await signIn(api, person);
    const short = await change(accessToken, PASSWORD, 'too short 1');
    expect([short.status, short.body.errors[0].path]).toEqual([422, 'newPassword']);
    const { key } = await api.newKey('agent');
    expect((await change(key, PASSWORD, NEW)).status).toBe(403);
  });

  test('twice at once from one password succeeds once', async () => {
    const person = await addPerson(api, 'agent');
    const sessions = [await signIn(api, person), await signIn(api, person)];
    const answers = await Promise.all(
      sessions.map(({ accessToken }, index) => change(accessToken, PASSWORD, `${NEW} ${index}`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('a password token', () => {
  test('sets the password of a new user, who can sign in then', async () => {
    const json = { email: 'newcomer@holdfast.test', name: 'New', role: 'agent' };
    const user = (await api.ask('POST', '/api/v1/users', { key: admin, json })).body;
    expect(user.hasPassword).toBe(false);
    expect((await signInWith(user.email, NEW)).status).toBe(401);
    const done = await reset(await tokenFor(user));
    expect([done.status, done.body]).toEqual([200, { email: user.email }]);
    expect((await signInWith(user.email, NEW)).status).toBe(200);
  });

  test('ends all sessions, forgives the failures from there, and holds once, also for two at once', async () => {
    const person = await addPerson(api, 'agent');
    const { accessToken, refreshToken } = await signIn(api, person);
    const token = await tokenFor(person);
    for (let i = 0; i < 6; i += 1) await signInWith(person.email, 'guess');
    const answers = await Promise.all([reset(token), reset(token), reset(token)]);
    expect(statusesOf(answers)).toEqual([200, 401, 401]);
    expect((await reset(token, 'a third password')).status).toBe(401);
    expect(await statusOf(api, accessToken)).toBe(401);
    expect((await api.ask('POST', '/api/v1/auth/refresh', { json: { refreshToken } })).status).toBe(401);
    expect((await signInWith(person.email, NEW)).status).toBe(200);
  });

  test('is replaced by the next one, and ends after a day', async () => {
    const person = await addPerson(api, 'agent');
    const [first, second] = [await tokenFor(person), await tokenFor(person)];
    expect((await reset(first)).status).toBe(401);
    await api.db.pool.query('update password_tokens set expires_at = now() where user_id = $1', [person.id]);
    expect((await reset(second)).status).toBe(401);
    const made = await api.ask('POST', `/api/v1/users/${person.id}/password-reset`, { key: admin });
    expect(Date.parse(made.body.expiresAt) - Date.now()).toBeCloseTo(86_400_000, -5);
    expect((await signInWith(person.email, PASSWORD)).status).toBe(200);
  });

  test('does not outlive a password that was set otherwise, nor the user’s being disabled', async () => {
    const person = await addPerson(api, 'agent');
    const token = await tokenFor(person);
    await change((await signIn(api, person)).accessToken, PASSWORD, NEW);
    expect((await reset(token, 'a third password')).status).toBe(401);
    const later = await tokenFor(person);
    const path = `/api/v1/users/${person.id}`;
    await api.ask('PATCH', path, { key: admin, json: { disabled: true } });
    expect((await reset(later, 'a third password')).status).toBe(401);
    expect((await api.ask('POST', `${path}/password-reset`, { key: admin })).status).toBe(422);
    await api.ask('PATCH', path, { key: admin, json: { disabled: false } });
    expect((await reset(later, 'a third password')).status).toBe(401);
    expect((await signInWith(person.email, NEW)).status).toBe(200);
  });

  test.each([
    ['', 422],
    [' ', 401],
    [null, 422],
    [undefined, 422],
    [[''], 422],
    ['\u0000', 401],
    [createHash('sha256').update('').digest('hex'), 401],
  ])('that is none never matches: %j', async (token, status) => {
    const person = await addPerson(api, 'agent');
    await tokenFor(person);
    expect((await reset(token)).status).toBe(status);
    expect((await signInWith(person.email, PASSWORD)).status).toBe(200);
  });

  test('sets a password and nothing else, and is not used up by a wrong request', async () => {
    const person = await addPerson(api, 'agent');
    const token = await tokenFor(person);
    const json = { token, newPassword: NEW, role: 'admin' };
    expect((await api.ask('POST', '/api/v1/auth/password-reset', { json })).status).toBe(422);
    expect((await reset(token, 'short')).status).toBe(422);
    expect((await reset(token)).status).toBe(200);
  });

  test('is kept as a hash only, and neither it nor a password is logged', async () => {
    const person = await addPerson(api, 'agent');
    const token = await tokenFor(person);
    const { rows } = await api.db.pool.query('select hash from password_tokens where user_id = $1', [person.id]);
    expect(rows).toEqual([{ hash: createHash('sha256').update(token).digest('hex') }]);
    await reset(token, 'canary password 1');
    await change((await signInWith(person.email, 'canary password 1')).body.accessToken, 'canary password 1', NEW);
    const log = api.log.join('');
    for (const secret of [token, 'canary password', NEW]) expect(log).not.toContain(secret);
    const { rows: kept } = await api.db.pool.query('select password_hash from users where id = $1', [person.id]);
    expect(kept[0].password_hash).toMatch(/^\$argon2id\$/);
  });

  test('is made by admins only', async () => {
    const person = await addPerson(api, 'agent');
    for (const role of ['lead', 'agent', 'customer'] as const) {
      const { accessToken: key } = await signIn(api, await addPerson(api, role));
      expect((await api.ask('POST', `/api/v1/users/${person.id}/password-reset`, { key })).status).toBe(403);
    }
    const { rowCount } = await api.db.pool.query('select from password_tokens where user_id = $1', [person.id]);
    expect(rowCount).toBe(0);
  });
});
