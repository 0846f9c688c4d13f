/** What a process tells of itself beside its log: counts from its start, a port for Prometheus, traces where configured. */
import { metrics } from '@opentelemetry/api';
import getPort from 'get-port';
import type { Pool } from 'pg';
import type { LoggerOptions, Logger } from 'pino';
import type { Tracing } from '../integrations/opentelemetry.ts';
import { createCounting } from '../integrations/prometheus.ts';
import { type MetricsPort, openMetricsPort } from './metrics.ts';

export interface Telemetry {
  tracing: Tracing | undefined;
  /** What is added to each line of the log. */
  mixin: NonNullable<LoggerOptions['mixin']> | undefined;
  /** Where Temporal's SDK is to tell its metrics, such as `127.0.0.1:9465`; undefined where nobody asks. */
  sdkAddress: string | undefined;
  /** Opens the port for Prometheus, where there is one. */
  open(pool: Pool, logger: Logger): Promise<void>;
  close(): Promise<void>;
}

export interface TelemetryOptions {
  /** The process, such as `relay`. */
  service: string;
  host: string;
  /** Undefined: nobody asks. */
  port: number | undefined;
  tracing: { endpoint: string; share: number } | undefined;
  /** Whether Temporal workers run here. */
  workers: boolean;
}

/** Starts to count, and to trace, in this process; before anything is counted. */
export async function startTelemetry({ service, host, port, tracing, workers }: TelemetryOptions): Promise<Telemetry> {
  const counting = createCounting(service);
  if (port !== undefined) metrics.setGlobalMeterProvider(counting.provider);
  const otel = tracing === undefined ? undefined : await import('../integrations/opentelemetry.ts');
  const traces = tracing && otel?.startTracing({ ...tracing, service });
  const sdkAddress = port !== undefined && workers ? `127.0.0.1:${await getPort({ host: '127.0.0.1' })}` : undefined;
  let opened: MetricsPort | undefined;
  return {
    tracing: traces,
    mixin: otel?.traceIdOfLine,
    sdkAddress,
    async open(pool, logger) {
      if (port === undefined) return;
      const sdkUrl = sdkAddress === undefined ? null : `http://${sdkAddress}/metrics`;
      opened = await openMetricsPort({ host, port, counting, pool, logger, sdkUrl });
    },
    async close() {
      await opened?.close();
      await traces?.stop();
    },
  };
}
