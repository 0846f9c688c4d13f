/**
 * The API's composition root: settings, database, a lazy way to Temporal, the HTTP server.
 *
 * It starts, and takes webhooks, while Temporal is down. It stops on SIGTERM, on SIGINT, and when the process that
 * started it goes away: requests in flight are answered first.
 */
import { createServer, type Server } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { Client, Connection } from '@temporalio/client';
import { type Logger, pino } from 'pino';
import { type Config, readConfig } from '../config.ts';
import { type Database, openDatabase } from '../db/orm.ts';
import { openFiles } from '../integrations/files.ts';
import type { Tracing } from '../integrations/opentelemetry.ts';
import { createCounting } from '../integrations/prometheus.ts';
import { createQuimbi } from '../integrations/quimbi.ts';
import { createShadowClient } from '../workflows/shadow-client.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { type Api, type ApiDeps, createApi } from './app.ts';
import { asksForWebSocket } from './live/upgrade.ts';
import { createLoad } from './load.ts';
import { createApiMetrics } from './metrics.ts';
import { createTemporalView } from './temporal-view.ts';
import { answerUnreadable } from './unreadable.ts';

/** How long requests in flight may take once the process was told to stop. */
const GRACE_MS = 10_000;

/** How long a JSON body may take. */
const BODY_MS = 20_000;
/** How long anything may take to arrive, files included. */
const REQUEST_MS = 10 * 60_000;
const MOST_HEADER_BYTES = 16 * 1024;

/** The parts of the API for `config`, around a database and a connection that the caller closes. */
async function depsOf(
  config: Config,
  database: Database,
  connection: Connection,
  logger: Logger,
  tracing: Tracing | undefined,
): Promise<ApiDeps> {
  const { namespace, uiUrl } = config.temporal;
  const client = new Client({ connection, namespace, ...(tracing && { interceptors: tracing.client }) });
  const load = createLoad({ ...config.limits, bodyMs: BODY_MS });
  const counting = createCounting('api');
  metrics.setGlobalMeterProvider(counting.provider);
  return {
    database,
    appSecret: config.appSecret,
    tickets: createTicketClient(client, config.taskQueuePrefix),
    shadows: createShadowClient(client, config.taskQueuePrefix),
    temporal: createTemporalView(client),
    links: { namespace, uiUrl },
    front: config.front,
    slack: config.slack,
    pagerduty: config.pagerduty && [config.pagerduty.webhookSecret],
    second: config.quimbi && createQuimbi(config.quimbi),
    undoSendMs: config.undoSendMs,
    files: await openFiles(config.files),
    publicUrl: config.publicUrl,
    load,
    rates: config.limits,
    trustedProxies: config.trustedProxies,
    metrics: createApiMetrics({ pool: database.pool, logger, now: Date.now, load, counting }),
    traced: tracing !== undefined,
    logger,
  };
}

/** An HTTP server for the API that does not wait for ever on a slow sender. */
export function serve(api: Api): Server {
  const callback = api.callback();
  const server = createServer(
    {
      headersTimeout: 15_000,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: 65_000,
      maxHeaderSize: MOST_HEADER_BYTES,
      shouldUpgradeCallback: asksForWebSocket,
    },
    (request, response) => void callback(request, response),
  );
  server.on('upgrade', api.live.receive(callback));
  server.once('listening', () => api.live.start());
  return server.on('clientError', answerUnreadable);
}

async function main(): Promise<void> {
  const config = readConfig();
  const { tracing, mixin } = await tracingOf(config);
  const logger = pino({ level: config.logLevel, name: 'api', ...(mixin && { mixin }) });
  const database = await openDatabase(config.databaseUrl, config.limits);
  const connection = Connection.lazy(config.temporal.connection);
  const api = createApi(await depsOf(config, database, connection, logger, tracing));
  const server = serve(api);
  await listen(server, config.port, config.host);
  logger.info({ address: server.address() }, 'The API listens.');
  process.send?.({ ready: true });

  const reason = await toldToStop();
  logger.info({ reason }, 'The API stops when the requests in flight are answered.');
  await Promise.all([close(server), api.live.close()]);
  await connection.close();
  await database.close();
  await tracing?.stop();
  // An open channel to the parent would keep this process alive.
  if (process.connected) process.disconnect();
}

/** Traces, and what they add to a line of the log, where a collector is configured. */
async function tracingOf({ tracing }: Config) {
  if (tracing === undefined) return {};
  const { startTracing, traceIdOfLine } = await import('../integrations/opentelemetry.ts');
  return { tracing: startTracing({ ...tracing, service: 'api' }), mixin: traceIdOfLine };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause) => {
    reject(new Error(`The API cannot listen on ${host}:${port}: ${cause.message}.`, { cause }));
  });
  server.listen(port, host, resolve);
  return promise;
}

function toldToStop(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  process.once('disconnect', () => resolve('the parent went away'));
  return promise;
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const patience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await promise;
  clearTimeout(patience);
}

if (import.meta.main) await main();
