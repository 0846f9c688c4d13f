/** The API as its callers meet it: a real server on a free port, in front of a real database. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { inject } from 'vitest';
import { type ApiDeps, createApi } from '../../api/app.ts';
import { createLoad } from '../../api/load.ts';
import { serve } from '../../api/server.ts';
import { createTemporalView } from '../../api/temporal-view.ts';
import type { Database } from '../../db/orm.ts';
import { openFiles } from '../../integrations/files.ts';
import type { Role } from '../../domain/permissions.ts';
import { createShadowClient } from '../../workflows/shadow-client.ts';
import { createTicketClient } from '../../workflows/ticket-client.ts';
import { openTestDatabase } from '../support/database.ts';

export const APP_SECRET = 'a secret for tests, long enough';
export const FRONT = { appSigningKey: 'front-app-signing-key', ruleSecret: 'front-rule-secret' };

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed where it is JSON, else the text. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  body: any;
}

interface Ask {
  key?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array;
}

export interface TestApi {
  url: string;
  db: Database;
  /** What was logged, one JSON text a line. */
  log: string[];
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** A new API key of a new user of the role. */
  newKey(role: Role): Promise<{ key: string; userId: string; keyId: string }>;
  close(): Promise<void>;
}

export interface Parts {
  db?: Database;
  /** Speaks with a Temporal that has workers; without it the tests' own, which has none for this database. */
  client?: Client;
  prefix?: string;
  front?: typeof FRONT | undefined;
  pagerduty?: readonly string[] | undefined;
  /** The second engine; none where a test does not say. */
  second?: ApiDeps['second'];
  /** How long a reply can be taken back; not at all where a test does not say. */
  undoSendMs?: number;
  now?: () => number;
  files?: ApiDeps['files'];
  load?: ApiDeps['load'];
  /** Beyond what tests need, where a test does not say. */
  rates?: ApiDeps['rates'];
  trustedProxies?: readonly string[];
  live?: ApiDeps['live'];
}

/** Starts the API on a database of its own, or around the given parts. */
export async function startApi(parts: Parts = {}): Promise<TestApi> {
  const db = parts.db ?? (await openTestDatabase());
  const connection = parts.client === undefined ? Connection.lazy({ address: inject('temporalAddress') }) : null;
  const client = parts.client ?? new Client(connection === null ? {} : { connection });
  const log: string[] = [];
  const api = createApi({
    database: db,
    appSecret: APP_SECRET,
    tickets: createTicketClient(client, parts.prefix ?? `api-${randomUUID().slice(0, 8)}`),
    shadows: createShadowClient(client, parts.prefix ?? 'api'),
    temporal: createTemporalView(client),
    links: { namespace: 'default', uiUrl: 'http://127.0.0.1:8233' },
    front: 'front' in parts ? parts.front : FRONT,
    slack: undefined,
    pagerduty: parts.pagerduty,
    second: parts.second,
    undoSendMs: parts.undoSendMs ?? 0,
    files: parts.files ?? (await openFiles({ directory: filesFolder(), secret: APP_SECRET, s3: undefined }, parts.now)),
    publicUrl: null,
    load: parts.load ?? createLoad({ requests: 1000, bodyBytes: 64 * 1024 * 1024, bodyMs: 20_000 }),
    rates: parts.rates ?? { perPrincipal: 1e6, perAddress: 1e6 },
    trustedProxies: parts.trustedProxies ?? [],
    logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    ...(parts.now === undefined ? {} : { now: parts.now }),
    ...(parts.live === undefined ? {} : { live: parts.live }),
  });
  const server = serve(api).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    db,
    log,
    ask: (method, path, ask) => request(url + path, method, ask),
    newKey: (role) => newKey(db, role),
    async close() {
      server.close();
      const closed = once(server, 'close');
      await api.live.close();
      server.closeAllConnections();
      await closed;
      if (connection !== null) await connection.close();
      if (parts.db === undefined) await db.close();
    },
  };
}

async function request(url: string, method: string, { key, headers, json, raw }: Ask = {}): Promise<Answer> {
  const sent = json === undefined ? raw : JSON.stringify(json);
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}

async function newKey({ pool }: Database, role: Role): Promise<{ key: string; userId: string; keyId: string }> {
  const [key, userId, keyId] = [`hf_${randomUUID()}`, randomUUID(), randomUUID()];
  await pool.query(`insert into users (id, email, name, role, created_at) values ($1, $2, 'Ada', $3, now())`, [
    userId,
    `${userId}@holdfast.test`,
    role,
  ]);
  const hash = createHash('sha256').update(key).digest('hex');
  await pool.query(
    `insert into api_keys (id, name, role, user_id, hash, created_at) values ($1, 'key', $2, $3, $4, now())`,
    [keyId, role, userId, hash],
  );
  return { key, userId, keyId };
}

/** Made by whatever comes to lie in it. */
function filesFolder(): string {
  return join(tmpdir(), `holdfast-files-${randomUUID()}`);
}
