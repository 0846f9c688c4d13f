/**
 * The desk's settings: the only reader of `process.env`. They are parsed once, by the composition roots, and frozen.
 *
 * A vendor is connected by setting all of its variables, or left out by setting none: a half-set vendor, and an empty
 * secret, is refused at start-up. Does not promise that the addresses answer; `/readyz` tells that.
 */
import { isIP } from 'node:net';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';

const secret = z.string().min(16, 'must be at least 16 characters long, so that it cannot be guessed');
const url = z.url('must be a URL such as http://127.0.0.1:4010');

const frontSchema = z.object({
  FRONT_API_URL: url.default('https://api2.frontapp.com'),
  FRONT_API_TOKEN: secret,
  FRONT_APP_SIGNING_KEY: secret,
  FRONT_RULE_SECRET: secret,
});

const slackSchema = z.object({
  SLACK_API_URL: url.default('https://slack.com/api/'),
  SLACK_BOT_TOKEN: secret,
  SLACK_SIGNING_SECRET: secret,
  SLACK_CHANNEL: z.string().min(1, 'must be a channel id such as C0123456789'),
});

const openaiSchema = z.object({
  OPENAI_BASE_URL: url.default('https://api.openai.com/v1'),
  OPENAI_API_KEY: z.string().min(1, 'must not be empty'),
  OPENAI_MODEL: z.string().min(1).default('gpt-5-mini'),
});

const pagerdutySchema = z.object({
  PAGERDUTY_API_URL: url.default('https://api.pagerduty.com'),
  PAGERDUTY_EVENTS_URL: url.default('https://events.pagerduty.com'),
  PAGERDUTY_API_TOKEN: secret,
  PAGERDUTY_ROUTING_KEY: secret,
  PAGERDUTY_WEBHOOK_SECRET: secret,
});

const s3Schema = z.object({
  S3_BUCKET: z.string().min(1, 'must be the name of a bucket'),
  S3_REGION: z.string().min(1).default('us-east-1'),
  S3_ENDPOINT: url.optional(),
  S3_ACCESS_KEY_ID: z.string().min(1, 'must not be empty'),
  S3_SECRET_ACCESS_KEY: secret,
});

const quimbiSchema = z.object({
  QUIMBI_API_URL: url.default('https://platform.quimbi.ai'),
  QUIMBI_API_KEY: secret,
});

const count = (most: number) => z.coerce.number().int().min(1).max(most);

const limitsSchema = z.object({
  RATE_LIMIT_PER_MINUTE: count(10_000_000).default(600),
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: count(10_000_000).default(60),
  REQUESTS_AT_ONCE: count(100_000).default(500),
  BODY_MEMORY_MB: count(65_536).default(64),
  STATEMENT_TIMEOUT_SECONDS: count(3600).default(10),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((one) => one !== ''))
    .refine((all) => all.every(isNetwork), 'must hold addresses such as 10.0.0.7 or networks such as 10.0.0.0/8'),
});

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const port = z.coerce.number().int().min(1).max(65535);

const telemetrySchema = z.object({
  METRICS_HOST: z.string().default('127.0.0.1'),
  WORKER_METRICS_PORT: port.optional(),
  RELAY_METRICS_PORT: port.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});

const deskSchema = z.object({
  DATABASE_URL: z.url('must be a URL such as postgres://user:password@127.0.0.1:5432/holdfast'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(4600),
  APP_SECRET: secret,
  TASK_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'may hold small letters, digits and dashes')
    .default('holdfast'),
  WORKFLOW_BUNDLE: z.string().min(1).optional(),
  UNDO_SEND_SECONDS: z.coerce.number().int().min(0).max(120).default(10),
  TEMPORAL_UI_URL: url.default('http://127.0.0.1:8233'),
  FILES_DIR: z.string().min(1, 'must name a folder').default('.holdfast/files'),
  PUBLIC_URL: url.transform((text) => new URL(text).origin).optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Config = Readonly<ReturnType<typeof parse>>;

/**
 * Reads the desk's settings from environment variables; throws an Error whose message names each wrong variable and its
 * fix, one sentence a line.
 *
 * @example const config = readConfig(process.env);
 */
// oxlint-disable-next-line node/no-process-env -- the one reader of the environment
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return Object.freeze(parse(env));
}

function parse(env: NodeJS.ProcessEnv) {
  const wrong: string[] = [];
  const desk = section(deskSchema, env, wrong);
  const limits = section(limitsSchema, env, wrong);
  const telemetry = section(telemetrySchema, env, wrong);
  const front = vendor('Front', frontSchema, env, wrong);
  const slack = vendor('Slack', slackSchema, env, wrong);
  const openai = vendor('OpenAI', openaiSchema, env, wrong);
  const pagerduty = vendor('PagerDuty', pagerdutySchema, env, wrong);
  const quimbi = vendor('Quimbi', quimbiSchema, env, wrong);
  const s3 = vendor('S3', s3Schema, env, wrong);
  if (wrong.length > 0 || desk === undefined || limits === undefined || telemetry === undefined) {
    throw new Error(wrong.join('\n'));
  }
  const temporal = loadClientConnectConfig({ overrideEnvVars: definedOnly(env) });
  return {
    host: desk.HOST,
    port: desk.PORT,
    databaseUrl: desk.DATABASE_URL,
    appSecret: desk.APP_SECRET,
    logLevel: desk.LOG_LEVEL,
    taskQueuePrefix: desk.TASK_QUEUE_PREFIX,
    /** Where the workflows' bundle lies; undefined: it is made at the start. */
    workflowBundle: desk.WORKFLOW_BUNDLE,
    undoSendMs: desk.UNDO_SEND_SECONDS * 1000,
    limits: {
      /** Requests a minute. */
      perPrincipal: limits.RATE_LIMIT_PER_MINUTE,
      perAddress: limits.RATE_LIMIT_ANONYMOUS_PER_MINUTE,
      /** Requests that one API process answers at once, and bytes of their bodies. */
      requests: limits.REQUESTS_AT_ONCE,
      bodyBytes: limits.BODY_MEMORY_MB * 1024 * 1024,
      statementMs: limits.STATEMENT_TIMEOUT_SECONDS * 1000,
    },
    files: {
      directory: desk.FILES_DIR,
      secret: desk.APP_SECRET,
      s3: s3 && {
        bucket: s3.S3_BUCKET,
        region: s3.S3_REGION,
        endpoint: s3.S3_ENDPOINT,
        accessKeyId: s3.S3_ACCESS_KEY_ID,
        secretAccessKey: s3.S3_SECRET_ACCESS_KEY,
      },
    },
    /** Where callers reach the desk; null: where they say that they do. */
    publicUrl: desk.PUBLIC_URL ?? null,
    /** Whose `X-Forwarded-For` is believed. */
    trustedProxies: limits.TRUSTED_PROXIES,
    metrics: {
      host: telemetry.METRICS_HOST,
      /** Where a process of workers is asked, and one of the relay alone; undefined: nowhere. */
      workerPort: telemetry.WORKER_METRICS_PORT,
      relayPort: telemetry.RELAY_METRICS_PORT,
    },
    /** Where traces go, and the share of them that is kept, 0 to 1; undefined: there are none. */
    tracing:
      telemetry.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { endpoint: telemetry.OTEL_EXPORTER_OTLP_ENDPOINT, share: telemetry.OTEL_TRACES_SAMPLER_ARG },
    temporal: {
      connection: temporal.connectionOptions,
      namespace: temporal.namespace ?? 'default',
      uiUrl: desk.TEMPORAL_UI_URL,
    },
    front: front && {
      apiUrl: front.FRONT_API_URL,
      apiToken: front.FRONT_API_TOKEN,
      appSigningKey: front.FRONT_APP_SIGNING_KEY,
      ruleSecret: front.FRONT_RULE_SECRET,
    },
    slack: slack && {
      apiUrl: slack.SLACK_API_URL,
      botToken: slack.SLACK_BOT_TOKEN,
      signingSecret: slack.SLACK_SIGNING_SECRET,
      channel: slack.SLACK_CHANNEL,
    },
    openai: openai && {
      baseUrl: openai.OPENAI_BASE_URL,
      apiKey: openai.OPENAI_API_KEY,
      model: openai.OPENAI_MODEL,
    },
    pagerduty: pagerduty && {
      apiUrl: pagerduty.PAGERDUTY_API_URL,
      eventsUrl: pagerduty.PAGERDUTY_EVENTS_URL,
      apiToken: pagerduty.PAGERDUTY_API_TOKEN,
      routingKey: pagerduty.PAGERDUTY_ROUTING_KEY,
      webhookSecret: pagerduty.PAGERDUTY_WEBHOOK_SECRET,
    },
    quimbi: quimbi && { apiUrl: quimbi.QUIMBI_API_URL, apiKey: quimbi.QUIMBI_API_KEY },
  };
}

function vendor<S extends z.ZodObject>(
  name: string,
  schema: S,
  env: NodeJS.ProcessEnv,
  wrong: string[],
): z.infer<S> | undefined {
  const names = Object.keys(schema.shape);
  if (names.every((key) => env[key] === undefined)) return undefined;
  const found = wrong.length;
  const value = section(schema, env, wrong);
  if (value === undefined) {
    const others = names.join(', ');
    wrong.splice(found, 0, `${name} is only half configured: set all of ${others}, or none of them.`);
  }
  return value;
}

function section<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv, wrong: string[]): z.infer<S> | undefined {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const key = issue.path.join('.');
    const fault = env[key] === undefined ? 'is not set; set it, see docs/configuration.md' : issue.message;
    wrong.push(`The environment variable ${key} ${fault}.`);
  }
  return undefined;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
