/**
 * What is measured stands on the same servers in the same run: a durable PostgreSQL and a Temporal server in memory. The
 * desk's parts and the bare worker run in processes of their own, one kind at a time.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import getPort from 'get-port';
import pg from 'pg';
import { migrate } from '../db/migrate.ts';
import type { Child } from '../local/child.ts';
import { startNode } from '../local/node-child.ts';
import { removeCluster, startPostgres } from '../local/postgres.ts';
import { seed } from '../local/seed.ts';
import { cacheFolder, findTemporal, startTemporal } from '../local/temporal.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const FRONT_KEY = 'front-app-signing-key-of-the-bench';

export interface Stage {
  pool: pg.Pool;
  client: Client;
  port: number;
  /** To stop it with SIGSTOP and let it go on with SIGCONT. */
  temporalPid: number;
  apiKey: string;
  /** Begins the task queues' names; new each time, so that what one measurement left behind does not burden the next. */
  prefix: string;
  /** Runs `work` while the named program of the desk or the bare worker runs; no vendor is connected but Front's webhooks. */
  during<T>(programs: readonly (readonly string[])[], work: () => Promise<T>): Promise<T>;
  bareWorker: readonly string[];
  close(): Promise<void>;
}

/** Brings the servers up. */
export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const dataDir = join(folder, 'postgres');
  const binary = await findTemporal({ cacheDir: await cacheFolder(folder) });
  const postgres = await startPostgres({ dataDir, port: await getPort(), logFile: join(folder, 'postgres.log') });
  const [temporalPort, uiPort, port] = [await getPort(), await getPort(), await getPort()];
  const logFile = join(folder, 'temporal.log');
  const temporal = await startTemporal({ binary, port: temporalPort, uiPort, namespace: 'default', logFile });
  await migrate(postgres.url);
  const { apiKey } = await seed({ databaseUrl: postgres.url, dataDir: folder });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 32 });
  // A connection that the stopping server ends is no news.
  pool.on('error', nothing);
  await pool.query('create table bare (kind text, id text, body text, primary key (kind, id))');
  await pool.query('create table bare_inbox (like inbox including all)');
  const workflowsPath = fileURLToPath(new URL('bare/workflows.ts', import.meta.url));
  const bundle = join(folder, 'bare.js');
  await writeFile(bundle, (await bundleWorkflowCode({ workflowsPath, logger: silent })).code);
  const connection = await Connection.connect({ address: temporal.address });
  const env = {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    APP_SECRET: 'the secret of the bench',
    LOG_LEVEL: 'info',
    FILES_DIR: join(folder, 'files'),
    // What is measured is how fast the desk is, not how it holds back.
    RATE_LIMIT_PER_MINUTE: '10000000',
    RATE_LIMIT_ANONYMOUS_PER_MINUTE: '10000000',
    PORT: `${port}`,
    FRONT_API_URL: 'http://127.0.0.1:9',
    FRONT_API_TOKEN: 'front-token-of-the-bench',
    FRONT_APP_SIGNING_KEY: FRONT_KEY,
    FRONT_RULE_SECRET: 'front-rule-secret-of-the-bench',
  };
  const stage: Stage = {
    pool,
    prefix: 'bench',
    client: new Client({ connection }),
    port,
    temporalPid: temporal.pid,
    apiKey,
    bareWorker: ['bench/bare/worker.ts', postgres.url, temporal.address, bundle],
    async during(programs, work) {
      const children: Child[] = [];
      stage.prefix = `bench-${Date.now()}`;
      try {
        for (const args of programs) {
          const name = args.join(' ').slice(0, 40);
          children.push(
            await startNode({
              name,
              args,
              cwd: ROOT,
              env: { ...env, TASK_QUEUE_PREFIX: stage.prefix },
              logFile: join(folder, 'children.log'),
            }),
          );
        }
        return await work();
      } finally {
        await Promise.all(children.map((child) => child.stop()));
      }
    },
    async close() {
      await pool.end();
      await connection.close();
      await Promise.all([temporal.stop(), postgres.stop()]);
      await removeCluster(dataDir);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

const nothing = () => undefined;
const silent = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
