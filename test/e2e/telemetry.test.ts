import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Worker } from '@temporalio/worker';
import { freePort } from '../support/ports.ts';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type CollectedSpan, type Collector, startCollector } from '../support/collector.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { startTickets } from '../support/tickets.ts';
import { type Reading, reading } from './reading.ts';

const CANARY = 'canary7f3a';

let collector: Collector;
let desk: Desk;
let eyes: Reading;
let workerPort: number;
let relayPort: number;
beforeAll(async () => {
  collector = await startCollector();
  [workerPort, relayPort] = [await freePort(), await freePort()];
  desk = await startDesk(['api', 'queues', 'relay'], {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      WORKER_METRICS_PORT: `${workerPort}`,
      RELAY_METRICS_PORT: `${relayPort}`,
      // The tests' own was made without what hands traces on.
      WORKFLOW_BUNDLE: undefined,
    },
  });
  eyes = reading(desk);
});
afterAll(async () => {
  await desk.stop();
  await collector.close();
});

/** The first span of that name, optionally of one trace; waits for it. */
function span(name: string, traceId?: string): Promise<CollectedSpan> {
  const is = (one: CollectedSpan) => one.name === name && (traceId === undefined || one.traceId === traceId);
  return eventually(async () => {
    const found = collector.spans.find(is);
    // A parent ends after its children, and is sent later.
    return found !== undefined && !collector.pathTo(found)[0]?.startsWith('(') && found;
  });
}

async function newKey(): Promise<string> {
  const key = `hf_${randomUUID()}`;
  const hash = createHash('sha256').update(key).digest('hex');
  await desk.pool.query(
    `insert into api_keys (id, name, role, hash, created_at) values ($1, 'metrics', 'integration', $2, now())`,
    [randomUUID(), hash],
  );
  return key;
}

async function scrapeAll(): Promise<{ api: string; workers: string; relay: string }> {
  const key = await newKey();
  const read = async (url: string, headers: Record<string, string> = {}) => (await fetch(url, { headers })).text();
  return {
    api: await read(`${desk.url}/metrics`, { Authorization: `Bearer ${key}` }),
    workers: await read(`http://127.0.0.1:${workerPort}/metrics`),
    relay: await read(`http://127.0.0.1:${relayPort}/metrics`),
  };
}

describe('a trace', () => {
  test('leads from a webhook over relay and workflow to the model and to Slack, and tells nobody’s words', async () => {
    const from = { email: `${CANARY}@example.com`, name: CANARY };
    const words = { subject: `${CANARY} subject`, body: `${CANARY} body: where is my parcel?`, from };
    await desk.sim('front', 'POST', 'events', { conversationId: 'cnv_traced', ...words });
    const ticket = await eyes.ticketOf('cnv_traced', ({ status }) => status === 'open');
    const draft = await eyes.draft(ticket.id);

    const arrival = ['POST /webhooks/front', 'relay front'];
    const into = [...arrival, 'SignalWithStartWorkflow:ticket', 'HandleSignal:customerMessage'];
    const triage = await span('openai triage');
    expect(collector.pathTo(triage)).toEqual([...into, 'RunActivity:triage', 'openai triage']);
    expect(triage).toMatchObject({
      service: 'holdfast-workers',
      attributes: { 'peer.service': 'openai', 'http.response.status_code': '200' },
    });
    const { traceId } = triage;
    const record = await span('RunActivity:record', traceId);
    expect(collector.pathTo(record)).toEqual([...into, 'RunActivity:record']);
    const card = await span('slack post', traceId);
    expect(collector.pathTo(card)).toEqual([...into, 'RunActivity:showCard', 'slack post']);
    const services = collector.spans.filter((one) => one.traceId === traceId).map(({ service }) => service);
    expect(new Set(services)).toEqual(new Set(['holdfast-api', 'holdfast-relay', 'holdfast-workers']));

    // What a person does weeks later is a trace of its own, though it is the same workflow.
    await eyes.decide(ticket.id, draft.id, 'approve');
    const send = await span('front send');
    expect(collector.pathTo(send)).toEqual([
      'POST /api/v1/tickets/{id}/drafts/{draftId}/decision',
      'StartWorkflowUpdate:decideDraft',
      'HandleUpdate:decideDraft',
      'RunActivity:send',
      'front send',
    ]);
    expect(send.traceId).not.toBe(traceId);

    const tickets = await startTickets();
    const history = await tickets.client.workflow.getHandle(ticketWorkflowId(ticket.id)).fetchHistory();
    await tickets.stop();
    const workflowBundle = { codePath: inject('workflowBundle') };
    // A desk that keeps no traces any more takes over where this one was.
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();

    const sent = collector.bodies.join('\n');
    for (const secret of [CANARY, desk.front, 'front-api-token', 'openai-key', 'xoxb-', 'cnv_traced', 'parcel']) {
      expect(sent).not.toContain(secret);
    }
    const logged = (await desk.logs()).split('\n').filter((line) => line.includes(traceId));
    expect(logged.some((line) => line.includes('"route":"/webhooks/front"') && line.includes('"requestId"'))).toBe(
      true,
    );
    expect(logged.some((line) => line.includes('"msg":"handed over"'))).toBe(true);
    expect(logged.some((line) => line.includes('"activity":"triage"'))).toBe(true);
  });

  test('goes on where the caller’s traceparent says, of which nothing else is taken over', async () => {
    const [traceId, parentId] = [randomUUID().replaceAll('-', ''), randomUUID().replaceAll('-', '').slice(0, 16)];
    await fetch(`${desk.url}/api/v1/openapi.json`, {
      headers: { traceparent: `00-${traceId}-${parentId}-01`, tracestate: `vendor=${CANARY}`, baggage: `a=${CANARY}` },
    });
    const asked = await eventually(async () => collector.spans.find((one) => one.traceId === traceId));
    expect(asked).toMatchObject({ name: 'GET /api/v1/openapi.json', parentSpanId: parentId, service: 'holdfast-api' });
    expect(collector.bodies.join('\n')).not.toContain(CANARY);
  });

  test('of a request that nobody wants traced is not sent', async () => {
    const traceId = randomUUID().replaceAll('-', '');
    await fetch(`${desk.url}/api/v1/openapi.json`, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-00` } });
    await fetch(`${desk.url}/api/v1/docs`);
    await span('GET /api/v1/docs');
    expect(collector.spans.filter((one) => one.traceId === traceId)).toEqual([]);
  });
});

describe('metrics', () => {
  test('of workers and relay tell vendors’ calls, engines, hand-overs, connections and what the SDK measures', async () => {
    const { workers, relay } = await scrapeAll();
    expect(workers).toMatch(/^holdfast_vendor_calls_total\{vendor="openai",operation="triage",outcome="ok"\} [1-9]/m);
    expect(workers).toMatch(/^holdfast_vendor_call_duration_seconds_count\{vendor="front",operation="send"\} [1-9]/m);
    expect(workers).toMatch(/^holdfast_ai_answers_total\{task="draft",engine="simulator"\} [1-9]/m);
    expect(workers).toMatch(/^holdfast_database_connections\{state="idle"\} \d/m);
    expect(workers).toMatch(/^temporal_workflow_task_execution_latency_count\{.*workflow_type="ticket".*\} [1-9]/m);
    expect(relay).toMatch(/^holdfast_relay_rows_total\{source="front",outcome="applied"\} [1-9]/m);
    expect(relay).toMatch(/^holdfast_sweep_failures_total\{sweep="the relay"\} 0/m);
    expect(workers + relay).not.toContain(CANARY);
  });

  test('that the alert rules watch are all told by the desk', async () => {
    expect((await fetch(`${desk.url}/webhooks/front`, { method: 'POST', body: '{}' })).status).toBe(401);
    const { api, workers, relay } = await eventually(async () => {
      const all = await scrapeAll();
      return all.api.includes('holdfast_webhook_refusals_total') && all;
    });
    const told = new Set([...`${api}${workers}${relay}`.matchAll(/^(\w+)(?=[{ ])/gm)].map(([name]) => name));
    // Prometheus' own: whether a target could be scraped.
    told.add('up');
    for (const { alert, expr } of await alertRules()) {
      const unknown = metricNames(expr).filter((name) => !told.has(name));
      expect({ alert, unknown }).toEqual({ alert, unknown: [] });
    }
  });
});

test('every metric of the desk’s own is in the table of the documentation', async () => {
  const page = await readFile(new URL('../../docs/observability.md', import.meta.url), 'utf8');
  const { api, workers, relay } = await scrapeAll();
  const told = [...`${api}${workers}${relay}`.matchAll(/^# TYPE (holdfast_\w+)/gm)].map(([, name]) => name ?? '');
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

const ruleSchema = z.strictObject({
  alert: z.string().regex(/^Holdfast[A-Za-z]+$/),
  expr: z.string().min(1),
  for: z.string().regex(/^\d+[smh]$/),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string().regex(/\.$/), next: z.string().regex(/\.$/) }),
});
const rulesSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema).min(1) })).min(1),
});

async function alertRules() {
  const file = await readFile(new URL('../../docs/alerts.yml', import.meta.url), 'utf8');
  return rulesSchema.parse(parse(file)).groups.flatMap(({ rules }) => rules);
}

const LANGUAGE = new Set('sum max min absent rate increase histogram_quantile by on and or unless'.split(' '));

/** What an expression names beside PromQL's own words, labels and durations. */
function metricNames(expr: string): string[] {
  const bare = expr
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, ' ')
    .replaceAll(/\b(?:by|on) \([^)]*\)/g, ' ')
    .replaceAll(/\d+(?:\.\d+)?/g, (digits, at: number, all: string) => (/\w/.test(all[at - 1] ?? '') ? digits : ' '));
  return [...bare.matchAll(/[a-z_]\w*/gi)].map(([word]) => word).filter((word) => !LANGUAGE.has(word));
}
