import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../db/orm.ts';
import { seed } from '../../local/seed.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { createDatabase } from '../support/database.ts';

let databaseUrl: string;
let dataDir: string;
let api: TestApi;
beforeAll(async () => {
  databaseUrl = await createDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'holdfast-seed-'));
  api = await startApi({ db: await openDatabase(databaseUrl) });
});
afterAll(async () => {
  await api.close();
  await api.db.close();
  await rm(dataDir, { recursive: true });
});

test('everybody of the seed signs in as what he is told to be, after every start', async () => {
  const { logins } = await seed({ databaseUrl, dataDir });
  expect(await seed({ databaseUrl, dataDir })).toMatchObject({ logins });
  expect(new Set(logins.map(({ role }) => role))).toEqual(new Set(['admin', 'lead', 'agent', 'customer']));
  for (const { role, email, password } of logins) {
    const { body } = await api.ask('POST', '/api/v1/auth/login', { json: { email, password } });
    const me = await api.ask('GET', '/api/v1/me', { key: body.accessToken });
    expect(me.body).toMatchObject({ role, email });
    expect(me.body.customerId !== null).toBe(role === 'customer');
    expect(me.body.scope.teams).toEqual(email.startsWith('dee@') ? ['billing'] : null);
  }
});

test('a folder that knows fewer people keeps its passwords and its key, and gets those it lacks', async () => {
  const file = join(dataDir, 'logins.json');
  const { logins, apiKey } = await seed({ databaseUrl, dataDir });
  const kept = JSON.parse(await readFile(file, 'utf8'));
  delete kept.passwords['kim@example.com'];
  await writeFile(file, JSON.stringify(kept));
  await api.db.pool.query(`delete from sessions; delete from users where email = 'kim@example.com'`);
  const later = await seed({ databaseUrl, dataDir });
  expect(later.apiKey).toBe(apiKey);
  const others = ({ email }: { email: string }) => email !== 'kim@example.com';
  expect(later.logins.filter(others)).toEqual(logins.filter(others));
  const kim = later.logins.find((one) => !others(one));
  const json = { email: kim?.email, password: kim?.password };
  expect((await api.ask('POST', '/api/v1/auth/login', { json })).status).toBe(200);
});
