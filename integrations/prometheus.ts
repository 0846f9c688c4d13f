/**
 * What Prometheus reads: counters and histograms of OpenTelemetry, and gauges that are read when it asks.
 *
 * A gauge is only in the answer while there is a figure for it: a stale one would hide that nobody could count. Does not
 * promise that figures of several processes add up: what is read from the database is the same in each.
 */
import type { Meter, MeterProvider as MeterProviderApi } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { Resource } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** The type of Prometheus' text, as HTTP names it. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Counting {
  readonly meter: Meter;
  /** To be registered as the process' own, so that whatever counts below finds it. */
  readonly provider: MeterProviderApi;
  /** All that was counted, as Prometheus' text. */
  text(): Promise<string>;
}

/** Counts for the process `service`, such as `api`. */
export function createCounting(service: string): Counting {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const resource = new Resource({ 'service.name': `holdfast-${service}` });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const serializer = new PrometheusSerializer();
  return {
    meter: provider.getMeter('holdfast'),
    provider,
    async text() {
      const { resourceMetrics } = await reader.collect();
      return `${serializer.serialize(resourceMetrics).trimEnd()}\n`;
    },
  };
}

export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/**
 * One gauge (or a counter that is read, not counted here) as Prometheus' text; empty without samples.
 *
 * @example samplesText('gauge', 'holdfast_sockets', 'Open sockets.', [{ labels: { kind: 'sse' }, value: 2 }])
 */
export function samplesText(type: 'gauge' | 'counter', name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** The connections of a database pool; `waiting` are those who wait for one. */
export function poolText(pool: { totalCount: number; idleCount: number; waitingCount: number }): string {
  const help = 'Connections to PostgreSQL that are used and idle, and how many wait for one.';
  return samplesText('gauge', 'holdfast_database_connections', help, [
    { labels: { state: 'used' }, value: pool.totalCount - pool.idleCount },
    { labels: { state: 'idle' }, value: pool.idleCount },
    { labels: { state: 'waiting' }, value: pool.waitingCount },
  ]);
}
