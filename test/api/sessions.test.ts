import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPerson, type SignedIn, signIn, statusesOf, statusOf, toldBy } from './people.ts';
import { type Answer, startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const refresh = (refreshToken: string): Promise<Answer> =>
  api.ask('POST', '/api/v1/auth/refresh', { json: { refreshToken } });

async function newSession(): Promise<SignedIn & { id: string; userId: string }> {
  const person = await addPerson(api, 'agent');
  const signedIn = await signIn(api, person);
  return { ...signedIn, id: sessionIn(signedIn.accessToken), userId: person.id };
}

function sessionIn(accessToken: string): string {
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
  return claims.sid;
}

async function endOf(id: string): Promise<string | null> {
  const { rows } = await api.db.pool.query('select end_reason, ended_at from sessions where id = $1', [id]);
  expect(rows[0].end_reason === null).toBe(rows[0].ended_at === null);
  return rows[0].end_reason;
}

describe('a refresh token', () => {
  test('is exchanged for the next one of the same session, whose access token works', async () => {
    const first = await newSession();
    const next = await refresh(first.refreshToken);
    expect(next.status).toBe(200);
    expect(next.body.user).toEqual(first.user);
    expect(next.body.refreshToken).not.toBe(first.refreshToken);
    expect(sessionIn(next.body.accessToken)).toBe(first.id);
    expect(await statusOf(api, next.body.accessToken)).toBe(200);
    expect((await refresh(next.body.refreshToken)).status).toBe(200);
  });

  test('that comes a second time ends the session, for the thief and for the owner', async () => {
    const first = await newSession();
    const next = (await refresh(first.refreshToken)).body;
    const told = await toldBy(api, async () => {
      expect((await refresh(first.refreshToken)).body.code).toBe('unauthenticated');
    });
    expect(told).toEqual([first.id]);
    expect(await endOf(first.id)).toBe('tokenReused');
    expect(await statusOf(api, next.accessToken)).toBe(401);
    expect((await refresh(next.refreshToken)).status).toBe(401);
  });

  test('that comes several times at once is taken exactly once, also by two processes', async () => {
    const other = await startApi({ db: api.db });
    for (let round = 0; round < 5; round += 1) {
      const { refreshToken } = await newSession();
      const json = { refreshToken };
      const answers = await Promise.all(
        [api, other, api, other].map((one) => one.ask('POST', '/api/v1/auth/refresh', { json })),
      );
      expect(statusesOf(answers)).toEqual([200, 401, 401, 401]);
    }
    await other.close();
  });

  test('holds for 30 days from the last refresh and no longer', async () => {
    const { id, refreshToken, accessToken } = await newSession();
    const next = (await refresh(refreshToken)).body;
    const { rows } = await api.db.pool.query(
      `select extract(epoch from expires_at - now()) / 86400 as days from sessions where id = $1`,
      [id],
    );
    expect(Number(rows[0].days)).toBeCloseTo(30, 2);
    await api.db.pool.query('update sessions set expires_at = now() where id = $1', [id]);
    expect((await refresh(next.refreshToken)).status).toBe(401);
    // Never used before, so nothing remembers it.
    expect(await statusOf(api, accessToken)).toBe(401);
  });

  test('of a user who was disabled is refused', async () => {
    const { userId, refreshToken } = await newSession();
    await api.db.pool.query('update users set disabled_at = now() where id = $1', [userId]);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test.each([
    ['an access token', (session: SignedIn) => session.accessToken],
    ['one that is cut', (session: SignedIn) => session.refreshToken.slice(0, -1)],
    ['its own hash', (session: SignedIn) => createHash('sha256').update(session.refreshToken).digest('hex')],
    ['blanks', () => ' '],
  ])('that is none, such as %s, is refused and ends nothing', async (_what, made) => {
    const session = await newSession();
    expect((await refresh(made(session))).status).toBe(401);
    expect(await endOf(session.id)).toBeNull();
  });

  test('must be a text that is not empty, and nothing beside it', async () => {
    const { refreshToken } = await newSession();
    for (const json of [{}, { refreshToken: '' }, { refreshToken: null }, { refreshToken, role: 'admin' }]) {
      expect((await api.ask('POST', '/api/v1/auth/refresh', { json })).status).toBe(422);
    }
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  test('is kept as a hash only, and neither it nor an access token is logged or kept for an Idempotency-Key', async () => {
    const session = await newSession();
    const json = { refreshToken: session.refreshToken };
    const headers = { 'Idempotency-Key': 'one refresh' };
    const next = (await api.ask('POST', '/api/v1/auth/refresh', { json, headers })).body;
    const { rows } = await api.db.pool.query(
      `select (select json_agg(r) from refresh_tokens r)::text || (select json_agg(s) from sessions s)::text
           || coalesce((select json_agg(k) from idempotency_keys k)::text, '') as kept`,
    );
    const where = rows[0].kept + api.log.join('');
    expect(where).toContain(createHash('sha256').update(next.refreshToken).digest('hex'));
    for (const secret of [session.refreshToken, session.accessToken, next.refreshToken, next.accessToken]) {
      expect(where).not.toContain(secret);
    }
  });
});

describe('a session', () => {
  test('is always a new one after signing in, whatever credential the request brings', async () => {
    const person = await addPerson(api, 'agent');
    const first = await signIn(api, person);
    const json = { email: person.email, password: 'correct horse battery' };
    const second = (await api.ask('POST', '/api/v1/auth/login', { key: first.accessToken, json })).body;
    expect(sessionIn(second.accessToken)).not.toBe(sessionIn(first.accessToken));
    expect((await refresh(first.refreshToken)).status).toBe(200);
    const chosen = { ...json, sessionId: sessionIn(first.accessToken) };
    expect((await api.ask('POST', '/api/v1/auth/login', { json: chosen })).status).toBe(422);
  });

  test('ends at once when its user signs out, and the others stay', async () => {
    const session = await newSession();
    const other = await signIn(api, session.user);
    expect(await statusOf(api, session.accessToken)).toBe(200);
    const told = await toldBy(api, async () => {
      const out = await api.ask('POST', '/api/v1/auth/logout', { key: session.accessToken });
      expect([out.status, out.body]).toEqual([200, { ended: 1 }]);
    });
    expect(told).toEqual([session.id]);
    expect(await endOf(session.id)).toBe('signedOut');
    expect(await statusOf(api, session.accessToken)).toBe(401);
    expect((await refresh(session.refreshToken)).status).toBe(401);
    expect(await statusOf(api, other.accessToken)).toBe(200);
  });

  test('ends with all others of the user, and nobody else’s, when the user signs out everywhere', async () => {
    const session = await newSession();
    const other = await signIn(api, session.user);
    const stranger = await newSession();
    const json = { everywhere: true };
    const told = await toldBy(api, async () => {
      const out = await api.ask('POST', '/api/v1/auth/logout', { key: session.accessToken, json });
      expect(out.body).toEqual({ ended: 2 });
    });
    expect(told.sort()).toEqual([session.id, sessionIn(other.accessToken)].sort());
    expect(await statusOf(api, other.accessToken)).toBe(401);
    expect(await statusOf(api, stranger.accessToken)).toBe(200);
  });

  test('is over in other processes within two seconds', async () => {
    let now = Date.now();
    const other = await startApi({ db: api.db, now: () => now });
    const { accessToken } = await newSession();
    expect(await statusOf(other, accessToken)).toBe(200);
    await api.ask('POST', '/api/v1/auth/logout', { key: accessToken });
    now += 2_000;
    expect(await statusOf(other, accessToken)).toBe(401);
    await other.close();
  });

  test('outlives its access token, which ends to the second', async () => {
    let now = Date.now();
    const other = await startApi({ db: api.db, now: () => now });
    const { email } = await addPerson(api, 'agent');
    const { accessToken, expiresAt } = await signIn(other, { email });
    now = Date.parse(expiresAt) - 1_000;
    expect(await statusOf(other, accessToken)).toBe(200);
    now += 1_000;
    expect(await statusOf(other, accessToken)).toBe(401);
    await other.close();
  });

  test('is nothing that an API key has', async () => {
    const { key } = await api.newKey('agent');
    expect((await api.ask('POST', '/api/v1/auth/logout', { key })).body.code).toBe('forbidden');
    expect(await statusOf(api, key)).toBe(200);
  });

  test('that ended long ago is forgotten when its user signs in again', async () => {
    const session = await newSession();
    await api.ask('POST', '/api/v1/auth/logout', { key: session.accessToken });
    await api.db.pool.query(`update sessions set ended_at = now() - interval '31 days' where id = $1`, [session.id]);
    const next = await signIn(api, session.user);
    const { rows } = await api.db.pool.query('select id from sessions where user_id = $1', [session.userId]);
    expect(rows).toEqual([{ id: sessionIn(next.accessToken) }]);
  });
});

describe('a user who was disabled', () => {
  test('is signed out, cannot sign in, and is told no more than anybody else', async () => {
    const session = await newSession();
    await api.db.pool.query('update users set disabled_at = now() where id = $1', [session.userId]);
    expect(await statusOf(api, session.accessToken)).toBe(401);
    const json = { email: session.user.email, password: 'correct horse battery' };
    const right = await api.ask('POST', '/api/v1/auth/login', { json });
    const wrong = await api.ask('POST', '/api/v1/auth/login', { json: { ...json, password: 'guess' } });
    expect([right.status, right.body]).toEqual([401, wrong.body]);
  });
});
