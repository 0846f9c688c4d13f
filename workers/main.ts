/**
 * The workers' process: Temporal workers and the relay. Without arguments it runs everything; with names it runs those,
 * so that a queue, or the relay, can have a process of its own: `node workers/main.ts tickets relay`.
 */
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { type Config, readConfig } from '../config.ts';
import { openDatabase } from '../db/orm.ts';
import { createSettings } from '../db/settings.ts';
import { type OpenedFiles, openFiles } from '../integrations/files.ts';
import { createFront, type Front } from '../integrations/front.ts';
import { createOpenai } from '../integrations/openai.ts';
import { createPagerduty } from '../integrations/pagerduty.ts';
import { createQuimbi } from '../integrations/quimbi.ts';
import { createSlack } from '../integrations/slack.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { type Queue, QUEUES } from '../workflows/ticket-messages.ts';
import { createAuditSealer } from './audit-sealer.ts';
import { createAway } from './away.ts';
import { bundleWorkflows } from './bundle.ts';
import { createCatchUp } from './catch-up.ts';
import { createDispatcher } from './dispatcher.ts';
import { createHandOver } from './hand-over.ts';
import { createOrphanFiles } from './orphan-files.ts';
import { createRelay } from './relay.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { createSettingsFollower } from './settings-follower.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { createWorker, type WorkerDeps } from './worker.ts';

const RUNNABLE = [...QUEUES, 'relay'] as const;
type Runnable = (typeof RUNNABLE)[number];

/** Something that runs until it is told to stop. */
interface Running {
  run(): Promise<void>;
  stop(): void;
}

async function main(): Promise<void> {
  const names = wanted(process.argv.slice(2));
  const config = readConfig();
  const queues = names.filter((name) => name !== 'relay');
  const name = names.length === 1 ? (names[0] ?? 'workers') : 'workers';
  const telemetry = await startTelemetry({
    service: name,
    host: config.metrics.host,
    port: queues.length > 0 ? config.metrics.workerPort : config.metrics.relayPort,
    tracing: config.tracing,
    workers: queues.length > 0,
  });
  const { mixin } = telemetry;
  const logger = pino({ name, level: config.logLevel, ...(mixin && { mixin }) });
  const db = await openDatabase(config.databaseUrl);
  const vendors = {
    front: config.front ? createFront(config.front) : null,
    slack: config.slack ? createSlack(config.slack) : null,
    pagerduty: config.pagerduty ? createPagerduty(config.pagerduty) : null,
    model: config.openai && createOpenai(config.openai),
    second: config.quimbi && createQuimbi(config.quimbi),
  };
  const opened = await openFiles(config.files);
  const deps = { db, logger, telemetry, files: opened.files, opened, ...vendors };
  const parts = [
    ...(queues.length > 0 ? [await workersOf(queues, config, deps)] : []),
    ...(names.includes('relay') ? [relayOf(config, deps)] : []),
  ];
  await telemetry.open(db.pool, logger);
  const stop = () => parts.forEach((part) => part.stop());
  process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
  const running = Promise.all(parts.map((part) => part.run()));
  process.send?.({ ready: true });
  logger.info({ names }, 'ready');
  await running;
  await telemetry.close();
  await db.close();
  if (process.connected) process.disconnect();
}

type FromConnection = 'connection' | 'namespace' | 'temporalUiUrl' | 'prefix' | 'bundle' | 'tracing';
type Deps = Omit<WorkerDeps, FromConnection | 'front'> & {
  front: Front | null;
  opened: OpenedFiles;
  telemetry: Telemetry;
};

async function workersOf(queues: readonly Queue[], config: Config, deps: Deps): Promise<Running> {
  const { logger, telemetry } = deps;
  const { tracing, sdkAddress } = telemetry;
  // Shutting down is ours: the SDK would otherwise catch the signals first. Its runtime ends with its last worker, so a
  // process without any, such as the relay's, has none.
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message }) => logger.warn({ sdkLevel: level }, message)),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(sdkAddress !== undefined && { metrics: { prometheus: { bindAddress: sdkAddress } } }),
    },
  });
  const { connection: options, namespace, uiUrl: temporalUiUrl } = config.temporal;
  const { workflowBundle } = config;
  const made =
    workflowBundle === undefined ? bundleWorkflows(logger, tracing !== undefined) : { codePath: workflowBundle };
  const [connection, bundle] = await Promise.all([connect(options, namespace), made]);
  const all = { ...deps, connection, namespace, temporalUiUrl, prefix: config.taskQueuePrefix, bundle, tracing };
  const workers = await Promise.all(queues.map((queue) => createWorker(queue, all)));
  return {
    async run() {
      await Promise.all(workers.map((worker) => worker.run()));
      await connection.close();
    },
    // Told twice, they are shutting down already.
    stop: () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown()),
  };
}

function relayOf(config: Config, { db, logger, front, slack, opened, telemetry: { tracing } }: Deps): Running {
  const connection = Connection.lazy(config.temporal.connection);
  const { namespace } = config.temporal;
  const client = new Client({ connection, namespace, ...(tracing && { interceptors: tracing.client }) });
  const tickets = createTicketClient(client, config.taskQueuePrefix);
  const { pool } = db;
  const { undoSendMs } = config;
  const settings = createSettings(pool);
  const handing = { pool, settings, logger, tickets, front, slack, undoSendMs };
  const relay = createRelay({ pool, logger, handOver: createHandOver(handing) });
  const follower = createSettingsFollower({ pool, settings, logger, tickets });
  const catchUp = createCatchUp({ pool, logger, tickets });
  const dispatcher = createDispatcher({ pool, settings, logger, client, prefix: config.taskQueuePrefix });
  const away = createAway({ pool, logger });
  const sealer = createAuditSealer({ pool, logger });
  const orphans = createOrphanFiles({ pool, logger, files: opened });
  return {
    async run() {
      const sweeps = [follower, dispatcher, away, sealer, orphans];
      await Promise.all([relay, catchUp, ...sweeps].map((part) => part.run()));
      await connection.close();
    },
    stop() {
      relay.stop();
      catchUp.stop();
      follower.stop();
      dispatcher.stop();
      away.stop();
      sealer.stop();
      orphans.stop();
    },
  };
}

async function connect(options: Config['temporal']['connection'], namespace: string): Promise<NativeConnection> {
  const client = Connection.lazy(options);
  try {
    const connection = await NativeConnection.connect(options);
    await ensureSearchAttributes(client, namespace);
    return connection;
  } catch (error) {
    const address = options.address ?? 'localhost:7233';
    throw new Error(`Temporal does not answer at ${address}; start it, or set TEMPORAL_ADDRESS.`, { cause: error });
  } finally {
    await client.close();
  }
}

function wanted(args: readonly string[]): readonly Runnable[] {
  if (args.length === 0) return RUNNABLE;
  const unknown = args.filter((arg) => !RUNNABLE.some((name) => name === arg));
  if (unknown.length > 0) {
    throw new Error(`There is no worker named ${unknown.join(', ')}; name some of ${RUNNABLE.join(', ')}.`);
  }
  return RUNNABLE.filter((name) => args.includes(name));
}

await main();
