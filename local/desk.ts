/**
 * Brings a whole desk up, each part as soon as what it stands on is there: PostgreSQL, Temporal and the simulators side by
 * side, then migrations and seed, then workers, relay and API.
 *
 * Does not promise a stop: the caller's `Processes` has everything that was started, also after a failure half-way.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { migrate } from '../db/migrate.ts';
import { layout } from './data-folder.ts';
import { startNode } from './node-child.ts';
import { choosePorts, type Ports } from './ports.ts';
import { startPostgres } from './postgres.ts';
import type { Processes } from './processes.ts';
import type { RunFile } from './run-file.ts';
import type { Secrets } from './secrets.ts';
import { seed } from './seed.ts';
import { ownVendors, settingsFor, type Vendors } from './settings.ts';
import type { Steps } from './steps.ts';
import { cacheFolder, findTemporal, startTemporal } from './temporal.ts';

export type DeskOptions = {
  readonly dataDir: string;
  readonly port: number;
  readonly empty: boolean;
  /** The user's environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly secrets: Secrets;
  readonly processes: Processes;
  readonly steps: Steps;
  say(line: string): void;
};

/** Everything that is told about a running desk, but for the pids, which change. */
export type Desk = Omit<RunFile, 'pids'>;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NAMESPACE = 'default';

/** Resolves once every part is ready; throws a whole sentence when one is not. */
export async function startDesk(options: DeskOptions): Promise<Desk> {
  const { env, secrets, steps } = options;
  const ports = await choosePorts(options.port);
  if (ports.api !== options.port) options.say(`  Port ${options.port} is taken, so the API is on ${ports.api}.`);
  const api = url(ports.api);
  const planned = settingsFor(env, plan(options, ports));
  readConfig(planned); // says what is wrong with the user's settings before anything is started

  const database = postgresStep(options, ports);
  const temporal = temporalStep(options, ports);
  const seeded = database.then(async (databaseUrl) => seedSteps(options, databaseUrl));
  const simulators = steps.run(
    'Simulators',
    async () => startSimulators(options, ports, api),
    () => 'Front, Slack, OpenAI, PagerDuty, Quimbi',
  );
  const [databaseUrl, ownTemporal, { logins, apiKey }, urls] = await Promise.all([
    database,
    temporal,
    seeded,
    simulators,
  ]);

  const { files } = layout(options.dataDir);
  const facts = { databaseUrl, files, port: ports.api, secrets, temporal: ownTemporal, simulators: urls };
  const settings = settingsFor(env, facts);
  await programSteps(options, settings);
  const config = readConfig(settings);
  return {
    api,
    temporal: config.temporal.connection.address ?? '127.0.0.1:7233',
    temporalUi: config.temporal.uiUrl,
    namespace: config.temporal.namespace,
    postgres: databaseUrl,
    ...simulated(env, urls, secrets),
    logins,
    apiKey,
  };
}

const url = (port: number) => `http://127.0.0.1:${port}`;

/** What the settings will be, before any server has told its address. */
function plan({ dataDir, env, secrets }: DeskOptions, ports: Ports): Parameters<typeof settingsFor>[1] {
  const own = { address: `127.0.0.1:${ports.temporal}`, namespace: NAMESPACE, uiUrl: url(ports.temporalUi) };
  return {
    databaseUrl: env['DATABASE_URL'] ?? `postgres://127.0.0.1:${ports.postgres}/holdfast`,
    files: layout(dataDir).files,
    port: ports.api,
    secrets,
    temporal: env['TEMPORAL_ADDRESS'] === undefined ? own : undefined,
    simulators: {
      front: url(ports.front),
      slack: url(ports.slack),
      openai: url(ports.openai),
      pagerduty: url(ports.pagerduty),
      quimbi: url(ports.quimbi),
    },
  };
}

async function postgresStep({ dataDir, env, processes, steps }: DeskOptions, ports: Ports): Promise<string> {
  const given = env['DATABASE_URL'];
  if (given !== undefined) {
    steps.skip('PostgreSQL', 'the one that DATABASE_URL names');
    return given;
  }
  const { postgres: folder, log } = layout(dataDir);
  const start = async () =>
    processes.start('postgres', async (onSpawn) =>
      startPostgres({ dataDir: folder, port: ports.postgres, logFile: log('postgres'), onSpawn }),
    );
  const { url } = await steps.run('PostgreSQL', start, () => `127.0.0.1:${ports.postgres}`);
  return url;
}

async function temporalStep({ dataDir, env, processes, steps }: DeskOptions, ports: Ports) {
  if (env['TEMPORAL_ADDRESS'] !== undefined) {
    steps.skip('Temporal', 'the one that TEMPORAL_ADDRESS names');
    return undefined;
  }
  const { temporalDb: dbFile, log } = layout(dataDir);
  const place = {
    port: ports.temporal,
    uiPort: ports.temporalUi,
    dbFile,
    namespace: NAMESPACE,
    logFile: log('temporal'),
  };
  const start = async () =>
    processes.start('temporal', async (onSpawn) => {
      const cacheDir = await cacheFolder(dataDir, env['XDG_CACHE_HOME']);
      return startTemporal({ binary: await findTemporal({ path: env['PATH'], cacheDir }), ...place, onSpawn });
    });
  const { address, uiUrl } = await steps.run('Temporal', start, (server) => server.address);
  return { address, uiUrl, namespace: NAMESPACE };
}

async function seedSteps({ dataDir, empty, steps }: DeskOptions, databaseUrl: string) {
  await steps.run('Migrations', async () => migrate(databaseUrl));
  const wish = { databaseUrl, dataDir, empty };
  return steps.run(
    'Seed',
    async () => seed(wish),
    ({ logins }) => `${logins.length} people${empty ? ', no tickets' : ''}`,
  );
}

const urlsSchema = z.object({
  front: z.url(),
  slack: z.url(),
  openai: z.url(),
  pagerduty: z.url(),
  quimbi: z.url(),
});

async function startSimulators(options: DeskOptions, ports: Ports, deskUrl: string): Promise<Vendors> {
  const { dataDir, env, processes, secrets } = options;
  const front = {
    apiToken: secrets.frontApiToken,
    appSigningKey: secrets.frontAppSigningKey,
    ruleSecret: secrets.frontRuleSecret,
  };
  const pagerduty = {
    apiToken: secrets.pagerdutyApiToken,
    routingKey: secrets.pagerdutyRoutingKey,
    webhookSecret: secrets.pagerdutyWebhookSecret,
  };
  const settings = {
    front: { port: ports.front, deskUrl, ...front },
    slack: { port: ports.slack, deskUrl, botToken: secrets.slackBotToken, signingSecret: secrets.slackSigningSecret },
    openai: { port: ports.openai, apiKey: secrets.openaiApiKey },
    pagerduty: { port: ports.pagerduty, deskUrl, ...pagerduty },
    quimbi: { port: ports.quimbi, apiKey: secrets.quimbiApiKey },
  };
  const args = ['local/simulators/main.ts', JSON.stringify(settings)];
  const logFile = layout(dataDir).log('simulators');
  const { said } = await processes.start('simulators', async (onSpawn) =>
    startNode({ name: 'The simulators', args, cwd: ROOT, env, logFile, onSpawn }),
  );
  return urlsSchema.parse(said['urls']);
}

async function programSteps({ dataDir, processes, steps }: DeskOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const program = async (title: string, name: string, args: readonly string[]) => {
    const logFile = layout(dataDir).log(name);
    const start = async () =>
      processes.start(name, async (onSpawn) =>
        startNode({ name: `The ${name}`, args, cwd: ROOT, env, logFile, onSpawn }),
      );
    return steps.run(title, start);
  };
  await Promise.all([
    program('Workers', 'workers', ['workers/main.ts', 'tickets', 'ai', 'slack', 'integrations', 'maintenance']),
    program('Relay', 'relay', ['workers/main.ts', 'relay']),
    program('API', 'api', ['api/server.ts']),
  ]);
}

/** The simulators that stand in for a vendor, and the secrets with which a script can sign what these vendors send. */
function simulated(env: NodeJS.ProcessEnv, urls: Vendors, secrets: Secrets): Pick<RunFile, 'simulators' | 'secrets'> {
  const own = ownVendors(env);
  const { frontAppSigningKey, frontRuleSecret, slackSigningSecret, pagerdutyWebhookSecret } = secrets;
  return {
    simulators: {
      ...(own.includes('front') ? {} : { front: urls.front }),
      ...(own.includes('slack') ? {} : { slack: urls.slack }),
      ...(own.includes('openai') ? {} : { openai: urls.openai }),
      ...(own.includes('pagerduty') ? {} : { pagerduty: urls.pagerduty }),
      ...(own.includes('quimbi') ? {} : { quimbi: urls.quimbi }),
    },
    secrets: {
      ...(own.includes('front') ? {} : { frontAppSigningKey, frontRuleSecret }),
      ...(own.includes('slack') ? {} : { slackSigningSecret }),
      ...(own.includes('pagerduty') ? {} : { pagerdutySecret: pagerdutyWebhookSecret }),
    },
  };
}
