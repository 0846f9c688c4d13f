/**
 * The process behind the tests: a real PostgreSQL with a migrated template, a real Temporal server, and the bundled
 * workflows. It tells where they are by IPC, and ends them when its channel closes, also when the test runner was killed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
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
const running: { stop(): Promise<void> }[] = [];
let failed = true;
try {
  // First, because what does not compile fails here, and nothing is to be ended then.
  const bundle = await bundleWorkflows(pino({ level: 'warn' }));
  const postgres = kept(
    await startPostgres({ dataDir, port: await freePort(), logFile: join(folder, 'postgres.log'), durable: false }),
  );
  const temporal = kept(await startServer());
  await makeTemplate(postgres.url);
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
  failed = false;
} finally {
  await Promise.all(running.map((server) => server.stop()));
  await removeCluster(dataDir);
  await rm(folder, { recursive: true, force: true });
  if (!failed) process.exit(0);
}

/** To be ended with this process, however it ends. */
function kept<T extends { stop(): Promise<void> }>(server: T): T {
  running.push(server);
  return server;
}

/** Each test file's database is a copy of this one, so that none migrates for itself. */
async function makeTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create database template_desk');
  await client.end();
  await migrate(Object.assign(new URL(url), { pathname: '/template_desk' }).href);
}

async function startServer() {
  const binary = await findTemporal({ cacheDir: await cacheFolder(folder) });
  const [port, uiPort] = [await freePort(), await freePort()];
  const logFile = join(folder, 'temporal.log');
  const dynamicConfig = {
    // So that a test of rolling over need not write a long history first.
    'limit.historyCount.suggestContinueAsNew': '120',
    // How far ahead its timers are read is how long each skip of time takes.
    'history.timerProcessorMaxTimeShift': '"20ms"',
  };
  const server = await startTemporal({ binary, port, uiPort, namespace: 'default', logFile, dynamicConfig });
  return { binary, address: server.address, stop: () => server.stop() };
}
