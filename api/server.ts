/**
 * The API's composition root: settings, database, a lazy way to Temporal, the HTTP server.
 *
 * It starts, and takes webhooks, while Temporal is down. It stops on SIGTERM, on SIGINT, and when the process that
 * started it goes away: requests in flight are answered first.
 */
import { createServer, type Server } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { type Logger, pino } from 'pino';
import { type Config, readConfig } from '../config.ts';
import { type Database, openDatabase } from '../db/orm.ts';
import { createShadowClient } from '../workflows/shadow-client.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { type ApiDeps, createApi } from './app.ts';
import { createTemporalView } from './temporal-view.ts';

/** How long requests in flight may take once the process was told to stop. */
const GRACE_MS = 10_000;

/** The parts of the API for `config`, around a database and a connection that the caller closes. */
function depsOf(config: Config, database: Database, connection: Connection, logger: Logger): ApiDeps {
  const { namespace, uiUrl } = config.temporal;
  const client = new Client({ connection, namespace });
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
    undoSendMs: config.undoSendMs,
    logger,
  };
}

/** An HTTP server for the API that does not wait for ever on a slow sender. */
export function serve(api: ReturnType<typeof createApi>): Server {
  const callback = api.callback();
  return createServer(
    { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    (request, response) => void callback(request, response),
  );
}

async function main(): Promise<void> {
  const config = readConfig();
  const logger = pino({ level: config.logLevel, name: 'api' });
  const database = await openDatabase(config.databaseUrl);
  const connection = Connection.lazy(config.temporal.connection);
  const server = serve(createApi(depsOf(config, database, connection, logger)));
  await listen(server, config.port, config.host);
  logger.info({ address: server.address() }, 'The API listens.');
  process.send?.({ ready: true });

  const reason = await toldToStop();
  logger.info({ reason }, 'The API stops when the requests in flight are answered.');
  await close(server);
  await connection.close();
  await database.close();
  // An open channel to the parent would keep this process alive.
  if (process.connected) process.disconnect();
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
