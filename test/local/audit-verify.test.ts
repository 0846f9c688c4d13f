/** `npm run audit:verify`, as an operator calls it. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seal } from '../../db/audit-chain.ts';
import { writeRunFile } from '../../local/run-file.ts';
import { createDatabase } from '../support/database.ts';

const PROGRAM = fileURLToPath(new URL('../../local/audit-verify.ts', import.meta.url));

let url: string;
let pool: pg.Pool;
beforeAll(async () => {
  url = await createDatabase();
  pool = new pg.Pool({ connectionString: url });
  for (const id of ['one', 'two', 'three']) await pool.query('insert into teams (id, name) values ($1, $1)', [id]);
  await seal(pool, 1_000);
});
afterAll(() => pool.end());

function run(args: string[], environment: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env: { PATH: '/usr/bin:/bin', ...environment } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}

describe('audit:verify', () => {
  test('says how many rows hold and ends with 0, in the database that DATABASE_URL or the running desk names', async () => {
    const { rows } = await pool.query<{ count: number }>('select count(*)::integer as count from audit_chain');
    const count = rows[0]?.count ?? 0;
    expect(count).toBeGreaterThanOrEqual(3);
    const { code, said } = await run([], { DATABASE_URL: url });
    expect(said).toContain(`The audit log holds: ${count} rows are as they were sealed.`);
    expect(code).toBe(0);

    const folder = await mkdtemp(join(tmpdir(), 'holdfast-verify-'));
    const blank = { temporal: '', temporalUi: '', namespace: '', simulators: {}, logins: [], apiKey: '', secrets: {} };
    writeRunFile(folder, { ...blank, api: 'http://127.0.0.1:1', postgres: url, pids: {} });
    const noted = /\d+:[0-9a-f]{64}/.exec(said)?.[0] ?? '';
    const other = await run(['--data', folder, '--noted', noted], { DATABASE_URL: 'postgres://127.0.0.1:1/none' });
    expect(other).toMatchObject({ code: 0 });
    await rm(folder, { recursive: true });
  });

  test('names the first row that was altered and ends with 1', async () => {
    const client = await pool.connect();
    await client.query('set session_replication_role = replica');
    const { rows } = await client.query<{ id: string }>(
      `update audit_entries set target_id = 'four' where target_id = 'two' returning id`,
    );
    client.release(true);
    const { code, said } = await run([], { DATABASE_URL: url });
    expect(said).toContain(`The audit log does not hold. The audit entry ${rows[0]?.id}, position`);
    expect(code).toBe(1);
  });

  test('says what is missing when there is no database to look at, or the noted hash is none', async () => {
    const folder = join(tmpdir(), randomUUID());
    const nowhere = await run(['--data', folder], {});
    expect(nowhere).toEqual({ code: 1, said: expect.stringContaining(`No desk runs on ${folder}`) });
    const nonsense = await run(['--noted', 'yesterday'], { DATABASE_URL: url });
    expect(nonsense).toEqual({ code: 1, said: expect.stringContaining('--noted needs POSITION:HASH') });
  });
});
