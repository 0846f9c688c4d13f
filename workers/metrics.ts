/**
 * The port on which Prometheus asks a process of workers or the relay: what was counted there, its database connections,
 * and, where Temporal workers run, what Temporal's SDK measures of workflows and activities.
 *
 * Asks for no key, so it belongs on an address that only Prometheus reaches.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type Counting, poolText, PROMETHEUS_TYPE } from '../integrations/prometheus.ts';

const SDK_PATIENCE_MS = 2_000;

export interface MetricsPort {
  close(): Promise<void>;
}

export interface MetricsPortOptions {
  host: string;
  port: number;
  counting: Counting;
  pool: Pool;
  logger: Logger;
  /** Where Temporal's SDK tells its own, such as `http://127.0.0.1:9465/metrics`; null without workers. */
  sdkUrl: string | null;
}

/** Listens at `/metrics`; throws a whole sentence when the port is taken. */
export async function openMetricsPort(options: MetricsPortOptions): Promise<MetricsPort> {
  const { host, port, logger } = options;
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    answer(options, response).catch((error: unknown) => {
      logger.warn({ err: error }, 'The metrics could not be told.');
      response.writeHead(500).end();
    });
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const fix = 'free it, or set WORKER_METRICS_PORT or RELAY_METRICS_PORT to another';
    throw new Error(`The metrics cannot be told on ${host}:${port}; ${fix}.`, { cause });
  }
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer({ counting, pool, logger, sdkUrl }: MetricsPortOptions, response: ServerResponse) {
  const sdk = sdkUrl === null ? '' : await sdkText(sdkUrl, logger);
  const text = [await counting.text(), poolText(pool), sdk].join('');
  response.writeHead(200, { 'Content-Type': PROMETHEUS_TYPE }).end(text);
}

/** Without it the rest is told all the same. */
async function sdkText(url: string, logger: Logger): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(SDK_PATIENCE_MS) });
    return await answer.text();
  } catch (error) {
    logger.warn({ err: error }, 'The metrics of the Temporal SDK could not be read.');
    return '';
  }
}
