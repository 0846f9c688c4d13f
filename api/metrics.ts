/**
 * What `GET /metrics` tells: the requests of this process, its database connections and open sockets, and the desk's
 * figures. A label is a word of ours: a route's template, never the path that was asked for.
 *
 * When the database does not count in time, the desk's figures are missing and one line says so; stale ones are not told.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type Figures, readFigures } from '../db/gauges.ts';
import { DURATION_BUCKETS } from '../integrations/counts.ts';
import { type Counting, createCounting, poolText, type Sample, samplesText } from '../integrations/prometheus.ts';
import { figuresText, loadText } from './figures-text.ts';
import type { Load } from './load.ts';

interface AnsweredRequest {
  method: string;
  /** Such as `/api/v1/tickets/{id}`; undefined where no route took the request. */
  route: string | undefined;
  status: number;
  seconds: number;
}

export interface ApiMetrics {
  answered(request: AnsweredRequest): void;
  /** From now on `open` is asked how many sockets of this kind are open. */
  watchSockets(kind: 'websocket' | 'sse', open: () => number): void;
  /** Everything, as Prometheus' text. */
  text(): Promise<string>;
}

export interface ApiMetricsDeps {
  pool: Pool;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** What the process has taken on. */
  load: Pick<Load, 'requests' | 'bodyBytes' | 'shed'>;
  /** Where the process counts; one of its own where none is given. */
  counting?: Counting;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);
/** However often it is asked, the database counts once in this time. */
const FRESH_MS = 5_000;
const PATIENCE_MS = 2_000;

/** The metrics of one API process. */
export function createApiMetrics({
  pool,
  logger,
  now,
  load,
  counting = createCounting('api'),
}: ApiMetricsDeps): ApiMetrics {
  const { meter } = counting;
  const requests = meter.createCounter('holdfast_http_requests_total', {
    description: 'Answered requests by method, route and class of status.',
  });
  const durations = meter.createHistogram('holdfast_http_request_duration_seconds', {
    description: 'How long requests took to be answered, by method and route.',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  });
  const sockets = new Map<string, () => number>();
  const figures = createFigureReader(pool, logger, now);
  return {
    answered({ method: given, route = 'none', status, seconds }) {
      const method = METHODS.has(given) ? given : 'other';
      requests.add(1, { method, route, status: `${Math.floor(status / 100)}xx` });
      durations.record(seconds, { method, route });
    },
    watchSockets: (kind, open) => void sockets.set(kind, open),
    async text() {
      // Before they are read: whoever reads them takes a connection himself.
      const connections = poolText(pool);
      const open = [...sockets].map(([kind, count]): Sample => ({ labels: { kind }, value: count() }));
      const read = await figures();
      return [
        await counting.text(),
        connections,
        loadText(load),
        samplesText('gauge', 'holdfast_sockets', 'Open sockets by kind.', open),
        samplesText('gauge', 'holdfast_figures_readable', 'Whether the database could be asked for the figures.', [
          { value: read === null ? 0 : 1 },
        ]),
        read === null ? '' : figuresText(read),
      ].join('');
    },
  };
}

/** Reads the figures at most once at a time, and every few seconds; null when that fails or takes too long. */
function createFigureReader(pool: Pool, logger: Logger, now: () => number): () => Promise<Figures | null> {
  let last: { figures: Figures; until: number } | null = null;
  let reading: Promise<Figures | null> | null = null;

  async function read(): Promise<Figures | null> {
    try {
      const figures = await readFigures(pool);
      last = { figures, until: now() + FRESH_MS };
      return figures;
    } catch (error) {
      logger.warn({ err: error }, 'The figures for the metrics could not be read.');
      return null;
    } finally {
      reading = null;
    }
  }

  return async () => {
    if (last !== null && last.until > now()) return last.figures;
    reading ??= read();
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const patience = setTimeout(() => resolve(null), PATIENCE_MS);
    const figures = await Promise.race([reading, late]);
    clearTimeout(patience);
    return figures;
  };
}
