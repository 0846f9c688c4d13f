/**
 * A whole desk in processes of its own: API, workers and relay as they run in earnest, the vendors' simulators, a
 * database. Any process can be killed and started again; the tests look at it from the outside.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';
import pg from 'pg';
import { inject, vi } from 'vitest';
import { startNode } from '../../local/node-child.ts';
import { seed } from '../../local/seed.ts';
import { startFrontSimulator } from '../../local/simulators/front.ts';
import { startOpenaiSimulator } from '../../local/simulators/openai.ts';
import { startPagerdutySimulator } from '../../local/simulators/pagerduty.ts';
import { startSlackSimulator } from '../../local/simulators/slack.ts';
import { startTemporal, type Temporal } from '../../local/temporal.ts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from './database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SECRETS = {
  frontApiToken: 'front-api-token-for-tests',
  frontAppSigningKey: 'front-app-signing-key',
  frontRuleSecret: 'front-rule-secret-1',
  slackBotToken: 'xoxb-slack-bot-token',
  slackSigningSecret: 'slack-signing-secret',
  openaiApiKey: 'openai-key-for-tests',
  pagerdutyApiToken: 'pagerduty-api-token',
  pagerdutyRoutingKey: 'pagerduty-routing-key',
  pagerdutyWebhookSecret: 'pagerduty-webhook-secret',
};

type Child = Awaited<ReturnType<typeof startNode>>;
type Vendor = 'front' | 'slack' | 'openai' | 'pagerduty';
export type ProcessName = 'api' | 'api2' | 'workers' | 'queues' | 'tickets' | 'relay' | 'relay2';

const PROGRAMS: Readonly<Record<ProcessName, readonly string[]>> = {
  api: ['api/server.ts'],
  api2: ['api/server.ts'],
  // Queues and relay in one process, as somebody runs them who has one machine; a test of either has them apart.
  workers: ['workers/main.ts'],
  queues: ['workers/main.ts', 'tickets', 'ai', 'slack', 'integrations', 'maintenance'],
  tickets: ['workers/main.ts', 'tickets'],
  relay: ['workers/main.ts', 'relay'],
  relay2: ['workers/main.ts', 'relay'],
};

export interface Desk {
  url: string;
  /** The second API process's address, where one was started. */
  url2: string;
  front: string;
  slack: string;
  openai: string;
  pagerduty: string;
  pool: pg.Pool;
  temporalAddress: string;
  prefix: string;
  start(name: ProcessName): Promise<void>;
  /** kill −9. */
  kill(name: ProcessName): Promise<void>;
  /** Calls the API with the seeded admin key; throws when the answer is not 2xx. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Lets the vendor `simulator` do what its `_sim` control says. */
  sim<T>(simulator: Vendor, method: string, path: string, body?: unknown): Promise<T>;
  /** The calls that a simulator got, by method and path. */
  calls<B = unknown>(simulator: Vendor, path: string): Promise<SimCall<B>[]>;
  logs(): Promise<string>;
  stop(): Promise<void>;
}

interface SimCall<B = unknown> {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: B;
  status: number | null;
}

/**
 * Starts a desk with the named processes running; `temporalAddress` defaults to the tests' own server, and `environment`
 * changes what its processes are given, or takes it away, each when it starts; `secrets` are those that it shares with vendors.
 */
export async function startDesk(
  names: readonly ProcessName[] = ['api', 'workers'],
  options: { temporalAddress?: string; environment?: NodeJS.ProcessEnv; secrets?: Partial<typeof SECRETS> } = {},
): Promise<Desk> {
  const secrets = { ...SECRETS, ...options.secrets };
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-desk-'));
  const [databaseUrl, port, port2] = [await createDatabase(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const simulators = {
    front: await startFrontSimulator({
      deskUrl: url,
      apiToken: secrets.frontApiToken,
      appSigningKey: secrets.frontAppSigningKey,
      ruleSecret: secrets.frontRuleSecret,
    }),
    slack: await startSlackSimulator({
      deskUrl: url,
      botToken: secrets.slackBotToken,
      signingSecret: secrets.slackSigningSecret,
    }),
    openai: await startOpenaiSimulator({ apiKey: secrets.openaiApiKey }),
    pagerduty: await startPagerdutySimulator({
      deskUrl: url,
      apiToken: secrets.pagerdutyApiToken,
      routingKey: secrets.pagerdutyRoutingKey,
      webhookSecret: secrets.pagerdutyWebhookSecret,
    }),
  };
  const { apiKey } = await seed({ databaseUrl, dataDir: folder });
  const pool = new pg.Pool({ connectionString: databaseUrl });
  const prefix = `desk-${randomUUID().slice(0, 8)}`;
  const temporalAddress = options.temporalAddress ?? inject('temporalAddress');
  const running = new Map<ProcessName, Child>();

  const environment = (name: ProcessName): NodeJS.ProcessEnv => ({
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TASK_QUEUE_PREFIX: prefix,
    APP_SECRET: 'an-app-secret-for-tests',
    LOG_LEVEL: 'info',
    FILES_DIR: join(folder, 'files'),
    // Many a test asks more often than a person would.
    RATE_LIMIT_PER_MINUTE: '10000000',
    RATE_LIMIT_ANONYMOUS_PER_MINUTE: '10000000',
    // Made once for all tests.
    WORKFLOW_BUNDLE: inject('workflowBundle'),
    // A test of taking a reply back says so; the others would wait ten seconds for each.
    UNDO_SEND_SECONDS: '0',
    PORT: `${name === 'api2' ? port2 : port}`,
    FRONT_API_URL: simulators.front.url,
    FRONT_API_TOKEN: secrets.frontApiToken,
    FRONT_APP_SIGNING_KEY: secrets.frontAppSigningKey,
    FRONT_RULE_SECRET: secrets.frontRuleSecret,
    SLACK_API_URL: `${simulators.slack.url}/api/`,
    SLACK_BOT_TOKEN: secrets.slackBotToken,
    SLACK_SIGNING_SECRET: secrets.slackSigningSecret,
    SLACK_CHANNEL: 'C0HOLDFAST',
    OPENAI_BASE_URL: `${simulators.openai.url}/v1`,
    OPENAI_API_KEY: secrets.openaiApiKey,
    PAGERDUTY_API_URL: simulators.pagerduty.url,
    PAGERDUTY_EVENTS_URL: simulators.pagerduty.url,
    PAGERDUTY_API_TOKEN: secrets.pagerdutyApiToken,
    PAGERDUTY_ROUTING_KEY: secrets.pagerdutyRoutingKey,
    PAGERDUTY_WEBHOOK_SECRET: secrets.pagerdutyWebhookSecret,
    ...options.environment,
  });

  const desk: Desk = {
    url,
    url2: `http://127.0.0.1:${port2}`,
    front: simulators.front.url,
    slack: simulators.slack.url,
    openai: simulators.openai.url,
    pagerduty: simulators.pagerduty.url,
    pool,
    temporalAddress,
    prefix,
    async start(name) {
      const args = PROGRAMS[name];
      const logFile = join(folder, `${name}.log`);
      running.set(name, await startNode({ name, args, cwd: ROOT, env: environment(name), logFile }));
    },
    async kill(name) {
      const child = running.get(name);
      if (child === undefined) throw new Error(`${name} does not run.`);
      running.delete(name);
      process.kill(child.pid, 'SIGKILL');
      await child.exited;
    },
    ask: (method, path, body) => send(`${url}${path}`, method, body, { Authorization: `Bearer ${apiKey}` }),
    sim: (simulator, method, path, body) => send(`${simulators[simulator].url}/_sim/${path}`, method, body, {}),
    async calls<B>(simulator: Vendor, path: string) {
      const { calls } = await desk.sim<{ calls: SimCall<B>[] }>(simulator, 'GET', 'calls');
      return calls.filter((call) => call.path.startsWith(path));
    },
    async logs() {
      const texts = await Promise.all(
        Object.keys(PROGRAMS).map((name) => readFile(join(folder, `${name}.log`), 'utf8').catch(() => '')),
      );
      return texts.join('');
    },
    async stop() {
      await Promise.all([...running.values()].map((child) => child.stop()));
      await Promise.all(Object.values(simulators).map((simulator) => simulator.close()));
      await pool.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await Promise.all(names.map((name) => desk.start(name)));
  return desk;
}

/** A Temporal server of a test's own: killed, it comes back at the same address and knows what it knew. */
export interface OwnTemporal {
  address: string;
  start(): Promise<void>;
  /** kill −9. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Temporal server that keeps everything in a file. */
export async function startOwnTemporal(): Promise<OwnTemporal> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-temporal-'));
  const place = {
    binary: inject('temporalBinary'),
    port: await freePort(),
    uiPort: await freePort(),
    dbFile: join(folder, 'temporal.db'),
    namespace: 'default',
    logFile: join(folder, 'temporal.log'),
    // How far ahead its timers are read is how long each skip of time takes.
    dynamicConfig: { 'history.timerProcessorMaxTimeShift': '"20ms"' },
  };
  let server: Temporal | undefined = await startTemporal(place);
  const { address } = server;
  const kill = () => void (server && process.kill(server.pid, 'SIGKILL'));
  // A test that was cut off leaves no server behind.
  process.once('exit', kill);
  return {
    address,
    async start() {
      server = await startTemporal(place);
    },
    async kill() {
      kill();
      await server?.exited;
      server = undefined;
    },
    async stop() {
      process.off('exit', kill);
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function send<T>(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text === '' ? 'null' : text);
}

/** Waits until `look` answers something, and answers that. */
export function eventually<T>(look: () => Promise<T | undefined | null | false>, timeout = 40_000): Promise<T> {
  return vi.waitUntil(look, { timeout, interval: 100 }) as Promise<T>;
}
