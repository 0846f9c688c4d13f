/**
 * The process behind the tests: a real PostgreSQL with a migrated template, a real Temporal server, and the bundled
 * workflows. It tells where they are by IPC, and ends them when its channel closes, also when the test runner was killed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import pg from 'pg';
import { pino } from 'pino';
import { migrate } from '../../db/migrate.ts';
import { removeCluster, startPostgres } from '../../local/postgres.ts';
import { cacheFolder, findTemporal, startTemporal } from '../../local/temporal.ts';
import { bundleWorkflows } from '../../workers/bundle.ts';

// A runner that is killed closes the channel; a signal to the whole process group comes here as well.
const told = new Promise<void>((resolve) => {
  for (const sign of ['disconnect', 'SIGTERM', 'SIGINT']) process.once(sign, () => resolve());
});

const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
const dataDir = join(folder, 'postgres');
const [postgres, temporal, bundle] = await Promise.all([
  startPostgres({ dataDir, port: await getPort(), logFile: join(folder, 'postgres.log'), durable: false }),
  startServer(),
  bundleWorkflows(pino({ level: 'warn' })),
]);

// Each test file's database is a copy of this one, so that none migrates for itself.
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query('create database template_desk');
await client.end();
await migrate(Object.assign(new URL(postgres.url), { pathname: '/template_desk' }).href);
const workflowBundle = join(folder, 'workflows.js');
await writeFile(workflowBundle, bundle.code);

const servers = {
  postgresUrl: postgres.url,
  temporalAddress: temporal.address,
  temporalBinary: temporal.binary,
  workflowBundle,
};
if (process.connected) process.send?.(servers);

await told;
await Promise.all([postgres.stop(), temporal.stop()]);
await removeCluster(dataDir);
await rm(folder, { recursive: true, force: true });
process.exit(0);

async function startServer() {
  const binary = await findTemporal({ cacheDir: await cacheFolder(folder) });
  const [port, uiPort] = [await getPort(), await getPort()];
  const logFile = join(folder, 'temporal.log');
  // So that a test of rolling over need not write a long history first.
  const dynamicConfig = { 'limit.historyCount.suggestContinueAsNew': '200' };
  const server = await startTemporal({ binary, port, uiPort, namespace: 'default', logFile, dynamicConfig });
  return { binary, address: server.address, stop: () => server.stop() };
}
