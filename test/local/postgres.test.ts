import { existsSync } from 'node:fs';
import { mkdir, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/ports.ts';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { removeCluster, startPostgres } from '../../local/postgres.ts';
import { temporaryFolder } from './folder.ts';

const folder = await temporaryFolder();
const logFile = join(folder, 'postgres.log');

async function optionsFor(name: string) {
  return { dataDir: join(folder, name), port: await freePort(), logFile, durable: false };
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

describe('the embedded PostgreSQL', { timeout: 60_000 }, () => {
  it('keeps its data and its password over a restart', async () => {
    const options = await optionsFor('kept');
    const first = await startPostgres(options);
    await query(first.url, "create table notes as select 'Grüße' as text");
    await first.stop();
    const second = await startPostgres(options);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select upper(text) as text from notes')).toEqual([{ text: 'GRÜßE' }]);
    await second.stop();
    expect(await second.exited).toEqual({ code: 0, signal: null });
  });

  it('starts again after a crash, though another process has its old pid by now', async () => {
    const options = await optionsFor('crashed');
    await startPostgres(options).then(async (server) => server.stop());
    await writeFile(join(options.dataDir, 'postmaster.pid'), `${process.pid}\n${options.dataDir}\n`);
    const server = await startPostgres(options);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('refuses half a cluster and names the fix', async () => {
    const options = await optionsFor('half');
    await mkdir(join(options.dataDir, 'global'), { recursive: true });
    await writeFile(join(options.dataDir, 'PG_VERSION'), '18\n');
    const refused = startPostgres(options);
    await expect(refused).rejects.toThrow(/not a whole PostgreSQL cluster .*pg_control.*npm start -- --reset/);
    expect(await readdir(options.dataDir)).toEqual(['PG_VERSION', 'global']);
  });

  it('refuses a link to a cluster that is gone, rather than starting with an empty one', async () => {
    const options = await optionsFor('dangling');
    await symlink(join(folder, 'gone'), options.dataDir);
    await expect(startPostgres(options)).rejects.toThrow(/gone/);
    expect(existsSync(join(folder, 'gone'))).toBe(false);
  });

  it('makes its cluster anew over what an interrupted first start left beside it', async () => {
    const options = await optionsFor('interrupted');
    await mkdir(`${options.dataDir}.new/base`, { recursive: true });
    const server = await startPostgres(options);
    expect(existsSync(`${options.dataDir}.new`)).toBe(false);
    await server.stop();
  });

  it.runIf(process.getuid?.() === 0)(
    'lies elsewhere when its user cannot reach the data folder, and goes with it',
    async () => {
      const closed = join(folder, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const options = { ...(await optionsFor('closed/postgres')), dataDir: join(closed, 'postgres') };
      const server = await startPostgres(options);
      await query(server.url, 'create table notes (text text)');
      await server.stop();
      const again = await startPostgres(options);
      expect(await query(again.url, 'select * from notes')).toEqual([]);
      const elsewhere = await readlink(options.dataDir);
      await again.stop();
      await removeCluster(options.dataDir);
      await expect(stat(elsewhere)).rejects.toThrow(/ENOENT/);
      await rm(closed, { recursive: true });
    },
  );

  it('says at once, with the end of its log, why it cannot start', async () => {
    const options = await optionsFor('first');
    const server = await startPostgres(options);
    const other = { ...(await optionsFor('second')), port: options.port };
    await expect(startPostgres(other)).rejects.toThrow(/PostgreSQL ended at once .*Address already in use/s);
    await server.stop();
  });
});
