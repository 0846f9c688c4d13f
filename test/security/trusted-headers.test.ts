/** Headers that a proxy of somebody else's would be believed for say nothing here: who asks is in `Authorization` alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPerson, type Person, signIn } from '../api/people.ts';
import { startApi, type TestApi } from '../api/support.ts';

let api: TestApi;
/** Behind the loopback address as its proxy, as a desk behind a real one is. */
let proxied: TestApi;
let admin: Person;
let agent: string;
beforeAll(async () => {
  api = await startApi();
  proxied = await startApi({ db: api.db, trustedProxies: ['127.0.0.1'] });
  admin = await addPerson(api, 'admin');
  ({ accessToken: agent } = await signIn(api, await addPerson(api, 'agent')));
});
afterAll(async () => {
  await proxied.close();
  await api.close();
});

/** By what sets of single sign-on and proxies say who somebody is. */
const NAMES =
  `X-Remote-User Remote-User Remote-Email Remote-Groups REMOTE_USER X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups
   X-Forwarded-Preferred-Username X-Auth-Request-User X-Auth-Request-Email X-Auth-Request-Groups X-Authenticated-User
   X-WEBAUTH-USER X-User X-User-Id X-Email X-Goog-Authenticated-User-Email Cf-Access-Authenticated-User-Email
   X-MS-CLIENT-PRINCIPAL-NAME X-SSL-Client-S-DN X-SSL-Client-Cert X-SSL-Client-Verify X-Client-Cert X-Role X-Api-Key`.split(
    /\s+/,
  );
const forged = (who: string): Record<string, string>[] =>
  NAMES.map((name) => ({ [name]: name.endsWith('Verify') ? 'SUCCESS' : who }));

describe.each([
  ['without a proxy', () => api],
  ['behind a proxy that is trusted', () => proxied],
])('%s', (_where, at) => {
  test('no header but Authorization signs anybody in', async () => {
    const all = forged(admin.email);
    for (const headers of [...all, ...forged(admin.id), Object.assign({}, ...all)]) {
      const { status, body } = await at().ask('GET', '/api/v1/users', { headers });
      expect([headers, status, body.code]).toEqual([headers, 401, 'unauthenticated']);
    }
  });

  test('no header makes an agent somebody else, nor lets him do more', async () => {
    const headers = Object.assign({ 'X-Role': 'admin' }, ...forged(admin.email));
    const { body: me } = await at().ask('GET', '/api/v1/me', { key: agent, headers });
    expect(me.role).toBe('agent');
    expect((await at().ask('GET', '/api/v1/users', { key: agent, headers })).status).toBe(403);
  });

  test('no cookie and no query signs anybody in', async () => {
    const headers = { Cookie: `token=${agent}; access_token=${agent}; session=${agent}` };
    expect((await at().ask('GET', '/api/v1/me', { headers })).status).toBe(401);
    for (const name of ['access_token', 'token', 'apiKey', 'api_key']) {
      expect([401, 422]).toContain((await at().ask('GET', `/api/v1/me?${name}=${agent}`)).status);
    }
  });

  test('no header asks for another method or another path', async () => {
    const { key } = await api.newKey('admin');
    const headers = {
      'X-HTTP-Method-Override': 'DELETE',
      'X-Method-Override': 'DELETE',
      'X-Original-URL': '/api/v1/users',
      'X-Rewrite-URL': '/api/v1/users',
    };
    const { status, body } = await at().ask('GET', '/api/v1/me', { key, headers });
    expect([status, body.role]).toEqual([200, 'admin']);
    expect((await at().ask('GET', '/livez', { headers })).status).toBe(200);
  });

  test('links and Location are the desk’s own, whatever host a header names', async () => {
    const { key } = await api.newKey('admin');
    const headers = {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Server': 'evil.example',
      'X-Forwarded-Port': '444',
      'X-Host': 'evil.example',
      Forwarded: 'for=203.0.113.9;host=evil.example;proto=https',
    };
    const file = await at().ask('POST', '/api/v1/attachments', { key, headers, json: { name: 'a.txt', size: 1 } });
    expect(file.status).toBe(201);
    expect(new URL(file.body.upload.url).origin).toBe(at().url);
    const made = await at().ask('POST', '/api/v1/teams', { key, headers, json: { name: `Team at ${at().url}` } });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toMatch(/^\/api\/v1\/teams\//);
    expect(JSON.stringify([file.body, made.body, ...file.headers, ...made.headers])).not.toContain('evil.example');
  });
});

test('who guesses a password is told apart by no X-Forwarded-For: the sixth guess waits', async () => {
  const { email } = await addPerson(api, 'agent');
  const statuses: number[] = [];
  for (let guess = 1; guess <= 6; guess += 1) {
    const headers = { 'X-Forwarded-For': `203.0.113.${guess}`, 'X-Real-IP': `203.0.113.${guess}` };
    const json = { email, password: 'not his' };
    statuses.push((await api.ask('POST', '/api/v1/auth/login', { headers, json })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
});
