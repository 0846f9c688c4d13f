import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addPerson, PASSWORD, signIn } from './people.ts';
import { grantedTo } from '../../domain/permissions.ts';
import { APP_SECRET, startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A user with a session, and what a token of his would say. */
async function addSession() {
  const { id: sub } = await addPerson(api, 'lead');
  const sid = randomUUID();
  await api.db.pool.query(
    `insert into sessions (id, user_id, created_at, last_used_at, expires_at)
     values ($1, $2, now(), now(), now() + interval '1 day')`,
    [sid, sub],
  );
  return { sub, sid };
}

function token(claims: Record<string, unknown>, alg = 'HS256', secret = APP_SECRET) {
  return new SignJWT({ iss: 'holdfast', aud: 'holdfast-api', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
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

  test('a token is refused that is unsigned, cut, of another algorithm, secret, issuer, audience or session, or that has ended', async () => {
    const his = await addSession();
    const another = await addSession();
    const good = await token(his);
    expect((await api.ask('GET', '/api/v1/me', { key: good })).status).toBe(200);
    const [, payload = ''] = good.split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const bad = [
      unsigned,
      good.slice(0, -2),
      good.split('.').slice(0, 2).join('.'),
      await token(his, 'HS512'),
      await token(his, 'HS384'),
      await token(his, 'HS256', `${APP_SECRET}!`),
      await token({ ...his, iss: 'another' }),
      await token({ ...his, aud: 'another' }),
      await token({ ...his, exp: 1 }),
      await token({ sub: his.sub }),
      await token({ sid: his.sid }),
      await token({ ...his, sid: randomUUID() }),
      await token({ ...his, sub: randomUUID() }),
      await token({ ...his, sid: another.sid }),
      await token({ ...his, sub: 'not a uuid' }),
      await token({ ...his, sid: 'not a uuid' }),
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

const attempt = (email: string, password: string) => tryOn(api, email, password);

describe('signing in', () => {
  test('gives a token for fifteen minutes that says who one is', async () => {
    const { id, email } = await addPerson(api, 'lead', 'grace@holdfast.test');
    const body = await signIn(api, { email: 'Grace@Holdfast.test' });
    expect(body.user).toEqual({ id, email, name: 'Grace', role: 'lead' });
    const lasts = Date.parse(body.expiresAt) - Date.now();
    expect(lasts).toBeGreaterThan(14.9 * 60_000);
    expect(lasts).toBeLessThanOrEqual(15 * 60_000);
    expect((await api.ask('GET', '/api/v1/me', { key: body.accessToken })).body).toEqual({
      id,
      kind: 'agent',
      name: 'Grace',
      email,
      role: 'lead',
      permissions: [...grantedTo('lead')],
      scope: { supportTypes: null, teams: null, organisations: null },
      customerId: null,
    });
  });

  test('a wrong password and an unknown address get the same answer, and neither is logged', async () => {
    await addPerson(api, 'agent', 'henry@holdfast.test');
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
    await addPerson(api, 'agent', 'iris@holdfast.test');
    for (let i = 0; i < 5; i += 1) expect((await attempt('iris@holdfast.test', 'guess')).status).toBe(401);
    const sixth = await attempt('iris@holdfast.test', PASSWORD);
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

  test('failures are counted by all processes together, the wait doubles, and a success forgets them', async () => {
    const other = await startApi({ db: api.db });
    const { email } = await addPerson(api, 'agent');
    const tries = [api, other, api, other, api].map((one) => tryOn(one, email, 'guess'));
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    const waits = [];
    for (const one of [other, api, other]) {
      const refused = await tryOn(one, email, PASSWORD);
      expect(refused.status).toBe(429);
      waits.push(Number(refused.headers.get('retry-after')));
      await api.db.pool.query(`update login_failures set blocked_until = now()`);
      expect((await tryOn(one, email, 'guess')).status).toBe(401);
    }
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(30 * 2 ** index);
      expect(wait).toBeGreaterThan(15 * 2 ** index);
    }
    await api.db.pool.query(`update login_failures set blocked_until = now()`);
    expect((await tryOn(other, email, PASSWORD)).status).toBe(200);
    expect((await tryOn(api, email, 'guess')).status).toBe(401);
    expect((await tryOn(api, email, PASSWORD)).status).toBe(200);
    await other.close();
  });

  test('failures of yesterday count no more and are not kept', async () => {
    const { email } = await addPerson(api, 'agent');
    for (let i = 0; i < 5; i += 1) await attempt(email, 'guess');
    await api.db.pool.query(
      `update login_failures set updated_at = now() - interval '25 hours', blocked_until = now()`,
    );
    expect((await attempt(email, 'guess')).status).toBe(401);
    expect((await attempt(email, 'guess')).status).toBe(401);
    const { rows } = await api.db.pool.query('select failures from login_failures');
    expect(rows).toEqual([{ failures: 2 }]);
  });
});

function tryOn(one: TestApi, email: string, password: string) {
  return one.ask('POST', '/api/v1/auth/login', { json: { email, password } });
}
