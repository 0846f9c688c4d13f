/** A desk whose every secret is known again, before vendors who can be had to repeat what they were sent. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { freePort } from '../support/ports.ts';
import pg from 'pg';
import { expect, inject } from 'vitest';
import { startQuimbiSimulator } from '../../local/simulators/quimbi.ts';
import type { Answer } from '../api/support.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import { type Desk, startDesk } from '../support/desk.ts';
import { type Hidden, newCanary, tellTales } from './canary.ts';
import { secretVariables } from './secret-variables.ts';
import { startTattler, type Tattler, to } from './tattler.ts';

/** Says who asks, in every link to the bucket; of itself it opens nothing. */
const NO_SECRET = 'S3_ACCESS_KEY_ID';

interface Ask {
  /** The bearer's credential; none where it is null, the admin's where nothing is said. */
  as?: string | null;
  json?: unknown;
  raw?: string;
  headers?: Record<string, string>;
  /** The address of the process to ask. */
  at?: string;
}

interface Answered extends Pick<Answer, 'status' | 'body'> {
  /** Headers and body. */
  text: string;
}

export interface SecretDesk {
  desk: Desk;
  /** An admin's key, which is hidden. */
  key: string;
  hidden: readonly Hidden[];
  /** What the desk answered, but for what hands a secret out. */
  answers: readonly string[];
  /** What the desk's processes are given, each when it starts. */
  environment: NodeJS.ProcessEnv;
  collector: Collector;
  /** Where the metrics of workers and relay are. */
  ports: { workers: number; relay: number };
  vendors: Record<'front' | 'slack' | 'openai' | 'pagerduty' | 'quimbi' | 's3', Tattler>;
  /** Has a secret looked for from now on, a new one where none is given; answers it. */
  hide(name: string, secret?: string): string;
  /** Asks the API; what it answers is searched later. */
  ask(method: string, path: string, asked?: Ask): Promise<Answered>;
  /** Asks for what hands a secret out, and answers that: nothing that was hidden before may be in it. */
  take(method: string, path: string, asked?: Ask): Promise<Answer['body']>;
  stop(): Promise<void>;
}

/** Starts API, workers and relay, with each variable that holds a secret set to one of its own. */
export async function startSecretDesk(): Promise<SecretDesk> {
  const [hidden, answers]: [Hidden[], string[]] = [[], []];
  const environment: NodeJS.ProcessEnv = {};
  const hide = (name: string, secret = newCanary()) => {
    hidden.push({ name, secret });
    return secret;
  };
  for (const name of secretVariables()) environment[name] = name === NO_SECRET ? 'AKID' : hide(name);
  const of = (name: string) => environment[name] ?? '';
  const quimbi = await startQuimbiSimulator({ apiKey: of('QUIMBI_API_KEY') });
  const vendors = {
    front: await startTattler(to(() => desk.front)),
    slack: await startTattler(to(() => desk.slack)),
    openai: await startTattler(to(() => desk.openai)),
    pagerduty: await startTattler(to(() => desk.pagerduty)),
    quimbi: await startTattler(to(() => quimbi.url)),
    s3: await startTattler(bucket()),
  };
  const collector = await startCollector();
  const ports = { workers: await freePort(), relay: await freePort() };
  const secrets = {
    frontApiToken: of('FRONT_API_TOKEN'),
    frontAppSigningKey: of('FRONT_APP_SIGNING_KEY'),
    frontRuleSecret: of('FRONT_RULE_SECRET'),
    slackBotToken: of('SLACK_BOT_TOKEN'),
    slackSigningSecret: of('SLACK_SIGNING_SECRET'),
    openaiApiKey: of('OPENAI_API_KEY'),
    pagerdutyApiToken: of('PAGERDUTY_API_TOKEN'),
    pagerdutyRoutingKey: of('PAGERDUTY_ROUTING_KEY'),
    pagerdutyWebhookSecret: of('PAGERDUTY_WEBHOOK_SECRET'),
  };
  const desk = await startDesk([], { environment, secrets });
  const owner = `canary_${randomUUID().slice(0, 8)}`;
  await asSuperuser(`create role ${owner} login superuser password ${pg.escapeLiteral(of('DATABASE_URL'))}`);
  const url = new URL(desk.pool.options.connectionString ?? '');
  url.username = owner;
  url.password = encodeURIComponent(of('DATABASE_URL'));
  Object.assign(environment, {
    DATABASE_URL: url.href,
    FRONT_API_URL: vendors.front.url,
    SLACK_API_URL: `${vendors.slack.url}/api/`,
    OPENAI_BASE_URL: `${vendors.openai.url}/v1`,
    PAGERDUTY_API_URL: vendors.pagerduty.url,
    PAGERDUTY_EVENTS_URL: vendors.pagerduty.url,
    QUIMBI_API_URL: vendors.quimbi.url,
    S3_BUCKET: 'desk',
    S3_ENDPOINT: vendors.s3.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    WORKER_METRICS_PORT: `${ports.workers}`,
    RELAY_METRICS_PORT: `${ports.relay}`,
    // Not one of the desk's own variables, but of Temporal's client.
    TEMPORAL_API_KEY: hide('TEMPORAL_API_KEY'),
    TEMPORAL_TLS: 'false',
    LOG_LEVEL: 'debug',
  });
  await Promise.all((['api', 'queues', 'relay'] as const).map((name) => desk.start(name)));
  const { id: userId } = await desk.ask<{ id: string }>('GET', '/api/v1/me');
  const { apiKey: key } = await desk.ask<{ apiKey: string }>('POST', '/api/v1/api-keys', { name: 'Canary', userId });
  hide('the API key', key);
  return {
    desk,
    key,
    hidden,
    answers,
    environment,
    collector,
    ports,
    vendors,
    hide,
    async ask(method, path, asked = {}) {
      const answer = await request(method, path, { at: desk.url, as: key, ...asked });
      answers.push(`${method} ${path.split('?')[0]} ${answer.status} ${answer.text}`);
      return answer;
    },
    async take(method, path, asked = {}) {
      const { status, text, body } = await request(method, path, { at: desk.url, as: key, ...asked });
      expect([method, path, status < 300, tellTales(text, hidden)]).toEqual([method, path, true, []]);
      return body;
    },
    async stop() {
      await desk.stop();
      await Promise.all([quimbi, collector, ...Object.values(vendors)].map((one) => one.close()));
      await asSuperuser(`drop role ${owner}`);
    },
  };
}

async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** As much of a bucket as is needed here. */
function bucket() {
  const objects = new Map<string, Buffer>();
  return ({ method = '', url = '' }: IncomingMessage, body: Buffer): Promise<Response> => {
    const [path = ''] = url.split('?');
    if (method === 'PUT') objects.set(path, body);
    const kept = objects.get(path);
    if (kept === undefined) return Promise.resolve(new Response(null, { status: 404 }));
    const headers = { 'Content-Length': `${kept.length}` };
    return Promise.resolve(new Response(method === 'HEAD' ? null : new Uint8Array(kept), { headers }));
  };
}

async function request(method: string, path: string, { as, json, raw, headers, at = '' }: Ask): Promise<Answered> {
  const sent = json === undefined ? raw : JSON.stringify(json);
  const answer = await fetch(path.startsWith('http') ? path : at + path, {
    method,
    headers: {
      ...(typeof as === 'string' && { Authorization: `Bearer ${as}` }),
      ...(sent !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent }),
  });
  const body = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true && body !== '';
  const text = `${JSON.stringify([...answer.headers])} ${body}`;
  return { status: answer.status, text, body: isJson ? JSON.parse(body) : null };
}
