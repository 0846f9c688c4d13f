import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hashPassword } from '../../api/passwords.ts';
import { APP_SECRET, startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function addUser(email: string, password: string) {
  const id = randomUUID();
  await api.db.pool.query(
    `insert into users (id, email, name, role, password_hash, created_at) values ($1, $2, 'Grace', 'lead', $3, now())`,
    [id, email, await hashPassword(password)],
  );
  return id;
}

function token(sub: string, alg: string, secret = APP_SECRET, more: Record<string, unknown> = {}) {
  return new SignJWT({ iss: 'holdfast', aud: 'holdfast-api', exp: Math.floor(Date.now() / 1000) + 60, sub, ...more })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

describe('without a valid credential', () => {
  test.each([
    ['no header', undefined],
    ['another scheme', 'Basic YTpi'],
    ['an empty bearer', 'Bearer '],
    ['an unknown key', 'Bearer hf_nobody'],
    ['nonsense', 'Bearer a.b.c'],
  ])('%s is answered 401 with how to sign in', async (_name, header) => {
    const answer = await api.ask(
      'GET',
      '/api/v1/tickets',
      header === undefined ? {} : { headers: { Authorization: header } },
    );
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.body).toMatchObject({ code: 'unauthenticated', status: 401, instance: '/api/v1/tickets' });
  });

  test('a revoked key is refused, and a key that is cut or longer is not the key', async () => {
    const { key, keyId } = await api.newKey('agent');
    expect((await api.ask('GET', '/api/v1/me', { key: key.slice(0, -1) })).status).toBe(401);
    expect((await api.ask('GET', '/api/v1/me', { key: `${key}0` })).status).toBe(401);
    await api.db.pool.query('update api_keys set revoked_at = now() where id = $1', [keyId]);
    expect((await api.ask('GET', '/api/v1/me', { key })).status).toBe(401);
  });

  test('a key that was used before its revocation ends within two seconds', async () => {
    let now = Date.now();
    const other = await startApi({ db: api.db, now: () => now });
    const { key, keyId } = await other.newKey('agent');
    expect((await other.ask('GET', '/api/v1/me', { key })).status).toBe(200);
    await api.db.pool.query('update api_keys set revoked_at = now() where id = $1', [keyId]);
    now += 2_000;
    expect((await other.ask('GET', '/api/v1/me', { key })).status).toBe(401);
    await other.close();
  });

  test('a token is refused that is unsigned, cut, of another algorithm, secret, issuer or audience, or that has ended', async () => {
    const id = await addUser('tokens@holdfast.test', 'correct horse');
    const good = await token(id, 'HS256');
    expect((await api.ask('GET', '/api/v1/me', { key: good })).status).toBe(200);
    const [, payload = ''] = good.split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const bad = [
      unsigned,
      good.slice(0, -2),
      good.split('.').slice(0, 2).join('.'),
      await token(id, 'HS512'),
      await token(id, 'HS384'),
      await token(id, 'HS256', `${APP_SECRET}!`),
      await token(id, 'HS256', APP_SECRET, { iss: 'another' }),
      await token(id, 'HS256', APP_SECRET, { aud: 'another' }),
      await token(id, 'HS256', APP_SECRET, { exp: 1 }),
      await token(randomUUID(), 'HS256'),
      await token('not a uuid', 'HS256'),
    ];
    const statuses = await Promise.all(bad.map(async (key) => (await api.ask('GET', '/api/v1/me', { key })).status));
    expect(statuses).toEqual(bad.map(() => 401));
  });
});

describe('with a credential', () => {
  test('a role that lacks the permission is answered 403 and told which one it needs', async () => {
    const { key } = await api.newKey('agent');
    const answer = await api.ask('GET', '/api/v1/inbox', { key });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'forbidden', permission: 'inbox:read' });
  });

  test('a key of an integration reads tickets and may not reply', async () => {
    const { key } = await api.newKey('integration');
    expect((await api.ask('GET', '/api/v1/tickets', { key })).status).toBe(200);
    const reply = await api.ask('POST', '/api/v1/tickets/T-1/messages', { key, json: { body: 'Hello' } });
    expect(reply.status).toBe(403);
  });

  test('a key that belongs to no user may not command a ticket', async () => {
    const key = `hf_${randomUUID()}`;
    await api.db.pool.query(
      `insert into api_keys (id, name, role, hash, created_at) values ($1, 'alone', 'bot', $2, now())`,
      [randomUUID(), createHash('sha256').update(key).digest('hex')],
    );
    const answer = await api.ask('POST', '/api/v1/tickets/T-1/status', { key, json: { status: 'closed' } });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('belongs to no user');
    expect((await api.ask('GET', '/api/v1/me', { key })).body).toMatchObject({ kind: 'bot', email: null });
  });

  test('the use of a key is noted', async () => {
    const { key, keyId } = await api.newKey('agent');
    await api.ask('GET', '/api/v1/me', { key });
    await vi.waitFor(async () => {
      const { rows } = await api.db.pool.query('select last_used_at from api_keys where id = $1', [keyId]);
      expect(rows).toEqual([{ last_used_at: expect.any(String) }]);
    });
  });
});

function attempt(email: string, password: string) {
  return api.ask('POST', '/api/v1/auth/login', { json: { email, password } });
}

describe('signing in', () => {
  test('gives a token for eight hours that says who one is', async () => {
    const id = await addUser('grace@holdfast.test', 'correct horse');
    const json = { email: 'Grace@Holdfast.test', password: 'correct horse' };
    const { status, body } = await api.ask('POST', '/api/v1/auth/login', { json });
    expect(status).toBe(200);
    expect(body.user).toEqual({ id, email: 'grace@holdfast.test', name: 'Grace', role: 'lead' });
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(7.9 * 3600_000);
    const me = await api.ask('GET', '/api/v1/me', { key: body.accessToken });
    expect(me.body).toEqual({ id, kind: 'agent', name: 'Grace', email: 'grace@holdfast.test', role: 'lead' });
  });

  test('a wrong password and an unknown address get the same answer, and neither is logged', async () => {
    await addUser('henry@holdfast.test', 'correct horse');
    const wrong = await api.ask('POST', '/api/v1/auth/login', {
      json: { email: 'henry@holdfast.test', password: 'canary-1' },
    });
    const unknown = await api.ask('POST', '/api/v1/auth/login', {
      json: { email: 'nobody@holdfast.test', password: 'canary-1' },
    });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(unknown.body).toEqual(wrong.body);
    expect(api.log.join('')).not.toContain('canary-1');
  });

  test('after five failures the sixth try waits, also with the right password, and only for that address', async () => {
    await addUser('iris@holdfast.test', 'correct horse');
    for (let i = 0; i < 5; i += 1) expect((await attempt('iris@holdfast.test', 'guess')).status).toBe(401);
    const sixth = await attempt('iris@holdfast.test', 'correct horse');
    expect(sixth.status).toBe(429);
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt('other@holdfast.test', 'guess')).status).toBe(401);
  });

  test('twenty guesses at once are not twenty free ones', async () => {
    const json = { email: 'burst@holdfast.test', password: 'guess' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.ask('POST', '/api/v1/auth/login', { json })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });
});
