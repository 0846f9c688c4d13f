import { freePort } from '../support/ports.ts';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCounting } from '../../integrations/prometheus.ts';
import { type MetricsPort, type MetricsPortOptions, openMetricsPort } from '../../workers/metrics.ts';

let options: MetricsPortOptions;
let open: MetricsPort;
beforeAll(async () => {
  options = {
    host: '127.0.0.1',
    port: await freePort(),
    counting: createCounting('test'),
    // Nobody asks it for a connection.
    pool: new pg.Pool(),
    logger: pino({ level: 'silent' }),
    sdkUrl: `http://127.0.0.1:${await freePort()}/metrics`,
  };
  open = await openMetricsPort(options);
});
afterAll(() => open.close());

describe('the metrics port', () => {
  test('tells what there is also while the SDK tells nothing', async () => {
    const answer = await fetch(`http://127.0.0.1:${options.port}/metrics`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('holdfast_database_connections{state="used"} 0\n');
  });

  test('answers nothing but that', async () => {
    expect((await fetch(`http://127.0.0.1:${options.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${options.port}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  test('that is taken is refused by a sentence that names the variables', async () => {
    await expect(openMetricsPort(options)).rejects.toThrow(
      `The metrics cannot be told on 127.0.0.1:${options.port}; free it, or set WORKER_METRICS_PORT or RELAY_METRICS_PORT to another.`,
    );
  });
});
