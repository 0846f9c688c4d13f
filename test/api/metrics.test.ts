import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApi, type TestApi } from './support.ts';

const CANARY = 'canary7f3a';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('integration'));
});
afterAll(() => api.close());

async function scrape(of = api, withKey = key): Promise<string> {
  const { status, headers, body } = await of.ask('GET', '/metrics', { key: withKey });
  expect({ status, type: headers.get('content-type') }).toEqual({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
  });
  return body;
}

/** The value of the one line that begins with `series`. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

describe('GET /metrics', () => {
  test('is for whoever holds a key that grants it, and tells a stranger nothing', async () => {
    const agent = await api.newKey('agent');
    expect((await api.ask('GET', '/metrics')).status).toBe(401);
    expect((await api.ask('GET', '/metrics', { key: agent.key })).status).toBe(403);
    expect(await scrape()).toContain('holdfast_http_requests_total');
  });

  test('counts requests by template, also those that were refused, and puts no path into a label', async () => {
    const before = await scrape();
    const series = (status: string) =>
      `holdfast_http_requests_total{method="GET",route="/api/v1/tickets/{id}",status="${status}"}`;
    const strange = `/api/v1/${CANARY}/${randomUUID()}`;
    await api.ask('GET', `/api/v1/tickets/${CANARY}`);
    await api.ask('GET', `/api/v1/tickets/${CANARY}-2`);
    await api.ask('GET', strange, { key });
    await api.ask('PROPFIND', strange, { key });
    const after = await scrape();
    expect((valueOf(after, series('4xx')) ?? 0) - (valueOf(before, series('4xx')) ?? 0)).toBe(2);
    expect(valueOf(after, 'holdfast_http_requests_total{method="GET",route="none",status="4xx"}')).toBe(1);
    expect(valueOf(after, 'holdfast_http_requests_total{method="other",route="none",status="4xx"}')).toBe(1);
    const counted = 'holdfast_http_request_duration_seconds_count{method="GET",route="/api/v1/tickets/{id}"}';
    expect(valueOf(after, counted)).toBe(2);
    expect(after).not.toContain(CANARY);
  });

  test('tells the desk’s figures as they lie in the database, without a word of anybody', async () => {
    const own = await startApi();
    const { pool } = own.db;
    const reader = await own.newKey('integration');
    const agent = await own.newKey('agent');
    await pool.query(`update agents set availability = 'online', capacity = 7, load = 3 where id = $1`, [agent.userId]);
    await pool.query(
      `insert into inbox (source, external_id, kind, conversation_key, state, body, request_id, received_at)
       values ('front', $1, 'inbound', 'c:1', 'received', $1, 'r', now() - interval '90 seconds'),
              ('front', 'b', 'inbound', 'c:2', 'incomplete', '{}', 'r', now()),
              ('slack', 'c', 'click', 'c:3', 'applied', '{}', 'r', now() - interval '1 day')`,
      [CANARY],
    );
    await pool.query(`insert into webhook_refusals (source, reason, day, count)
                      values ('front', 'invalid_signature', current_date, 2), ('front', 'invalid_signature', '2026-01-01', 3)`);
    const customer = randomUUID();
    await pool.query(`insert into customers (id, email, name, created_at) values ($1, $2, $3, now())`, [
      customer,
      `${CANARY}@example.com`,
      CANARY,
    ]);
    const tickets = [
      { status: 'open', due: '30 minutes', waiting: true, late: false },
      { status: 'open', due: '-10 seconds', waiting: false, late: false },
      { status: 'pending', due: '-1 hour', waiting: false, late: true },
      { status: 'resolved', due: '-1 hour', waiting: false, late: false },
      { status: 'closed', due: null, waiting: false, late: false },
    ];
    for (const [index, { status, due, waiting, late }] of tickets.entries()) {
      await pool.query(
        `insert into tickets (id, number, version, status, priority, channel, subject, requester_id, sla_due_at, state,
                              waiting, late, created_at, updated_at)
         values ($1, $2, 1, $3, 'normal', 'api', $4, $5, now() + $6::interval, '{"effects": []}', $7, $8, now(), now())`,
        [randomUUID(), 5000 + index, status, CANARY, customer, due, waiting, late],
      );
    }
    const text = await scrape(own, reader.key);
    const values = Object.fromEntries(
      [
        'holdfast_figures_readable',
        'holdfast_ledger_rows',
        'holdfast_ledger_source_rows{source="front"}',
        'holdfast_tickets{status="open"}',
        'holdfast_tickets{status="on_hold"}',
        'holdfast_tickets{status="closed"}',
        'holdfast_tickets_waiting',
        'holdfast_sla_due_soon',
        'holdfast_sla_breached',
        'holdfast_sla_unnoticed',
        'holdfast_agents{availability="online"}',
        'holdfast_agents_load{availability="online"}',
        'holdfast_agents_capacity{availability="online"}',
        'holdfast_webhook_refusals_total{source="front",reason="invalid_signature"}',
      ].map((series) => [series.replace('holdfast_', ''), valueOf(text, series)]),
    );
    expect(values).toEqual({
      figures_readable: 1,
      ledger_rows: 2,
      'ledger_source_rows{source="front"}': 2,
      'tickets{status="open"}': 2,
      'tickets{status="on_hold"}': 0,
      'tickets{status="closed"}': undefined,
      tickets_waiting: 1,
      sla_due_soon: 1,
      sla_breached: 1,
      // Ten seconds late is not yet unnoticed, and what is done is owed no more.
      sla_unnoticed: 1,
      'agents{availability="online"}': 1,
      'agents_load{availability="online"}': 3,
      'agents_capacity{availability="online"}': 7,
      'webhook_refusals_total{source="front",reason="invalid_signature"}': 5,
    });
    expect(valueOf(text, 'holdfast_ledger_oldest_seconds')).toBeGreaterThanOrEqual(90);
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(reader.key);
    await own.close();
  });

  test('answers in time while the database does not count, and shows who waits for a connection', async () => {
    // A key is remembered for seconds, and so are the figures: time stands still until the scrape.
    const now = Date.now();
    const own = await startApi({ now: () => now });
    const { pool } = own.db;
    const reader = await own.newKey('integration');
    await scrape(own, reader.key);
    const most = pool.options.max;
    const asked = Array.from({ length: most + 1 }, () => pool.connect());
    await vi.waitUntil(() => pool.waitingCount > 0 && pool.totalCount === most && pool.idleCount === 0);
    const text = await scrape(own, reader.key);
    await Promise.all(asked.map(async (client) => (await client).release()));
    expect(valueOf(text, 'holdfast_database_connections{state="used"}')).toBe(most);
    expect(valueOf(text, 'holdfast_database_connections{state="waiting"}')).toBeGreaterThanOrEqual(1);
    await own.close();
  });

  test('says so, and tells no stale figures, when the database takes too long to count', async () => {
    let now = Date.now();
    const own = await startApi({ now: () => now });
    const { pool } = own.db;
    const reader = await own.newKey('integration');
    expect(await scrape(own, reader.key)).toContain('\nholdfast_tickets{');
    const lock = await pool.connect();
    await lock.query('begin; lock table webhook_refusals in access exclusive mode');
    now += 60_000;
    const during = await scrape(own, reader.key);
    await lock.query('rollback');
    lock.release();
    expect(valueOf(during, 'holdfast_figures_readable')).toBe(0);
    expect(during).not.toContain('\nholdfast_tickets{');
    await vi.waitUntil(async () => valueOf(await scrape(own, reader.key), 'holdfast_figures_readable') === 1);
    await own.close();
  });
});
