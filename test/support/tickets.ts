/** A running desk without its HTTP side: database, workers and the client that speaks with tickets. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { inject } from 'vitest';
import { intake, newTicketName } from '../../db/intake.ts';
import type { Database } from '../../db/orm.ts';
import { createSettings } from '../../db/settings.ts';
import { openFiles } from '../../integrations/files.ts';
import type { ReceiveMessage } from '../../domain/commands.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { createTicketClient, type TicketClient } from '../../workflows/ticket-client.ts';
import { QUEUES } from '../../workflows/ticket-messages.ts';
import { QUEUE_LIMITS } from '../../workers/queues.ts';
import { ensureSearchAttributes } from '../../workers/search-attributes.ts';
import { createWorker, type WorkerDeps } from '../../workers/worker.ts';
import { openTestDatabase } from './database.ts';

Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

export interface TestTickets {
  db: Database;
  client: Client;
  tickets: TicketClient;
  prefix: string;
  /** Stores what a customer wrote and answers the command that carries it. */
  words(subject: string, body: string, over?: Partial<ReceiveMessage>): Promise<ReceiveMessage>;
  newTicket(): Promise<{ ticketId: string; number: number }>;
  /** The ticket as recorded, or undefined. */
  read(ticketId: string): Promise<Ticket | undefined>;
  events(ticketId: string): Promise<{ type: string; at: number; data: Record<string, unknown> }[]>;
  stop(): Promise<void>;
}

type Vendors = Partial<Pick<WorkerDeps, 'model' | 'second' | 'front' | 'slack' | 'pagerduty' | 'files'>>;

/** Starts workers for every queue on a database and a task queue prefix of their own. */
export async function startTickets(vendors: Vendors = {}, options: { cached?: number } = {}): Promise<TestTickets> {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const address = inject('temporalAddress');
  const [db, connection, native] = await Promise.all([
    openTestDatabase(),
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  await ensureSearchAttributes(connection, 'default');
  const logger = pino({ level: 'silent' });
  const { files } = await openFiles({
    directory: join(tmpdir(), `holdfast-files-${prefix}`),
    secret: 'a secret for tests, long enough',
    s3: undefined,
  });
  const deps: WorkerDeps = {
    connection: native,
    namespace: 'default',
    prefix,
    db,
    logger,
    bundle: { codePath: inject('workflowBundle') },
    model: undefined,
    front: null,
    files,
    slack: null,
    pagerduty: null,
    temporalUiUrl: 'http://127.0.0.1:8233',
    limits: {
      // Slack's real pace would make every test of a card last seconds.
      slack: { maxConcurrentActivityTaskExecutions: 5 },
      tickets: { ...QUEUE_LIMITS.tickets, maxCachedWorkflows: options.cached ?? 100 },
    },
    ...vendors,
  };
  const workers = await Promise.all(QUEUES.map((queue) => createWorker(queue, deps)));
  const running = Promise.all(workers.map((worker) => worker.run()));
  const client = new Client({ connection });
  const { pool } = db;
  const settings = createSettings(pool);
  return {
    db,
    client,
    tickets: createTicketClient(client, prefix),
    prefix,
    words: async (subject, body, over = {}) => ({
      ...(await intake(pool, settings, {
        commandId: `test:${randomUUID()}`,
        requestId: randomUUID(),
        messageId: randomUUID(),
        channel: 'api',
        conversationId: null,
        subject,
        body,
        html: null,
        from: { email: `${randomUUID()}@example.com`, name: 'Grace' },
        writtenAt: Date.now(),
        priority: null,
        supportType: null,
        tags: [],
        fieldsTextId: null,
        followUpOf: null,
        splitFrom: null,
        inboxId: null,
      })),
      ...over,
    }),
    newTicket: () => newTicketName(pool),
    async read(ticketId) {
      const { rows } = await pool.query<{ state: Ticket }>('select state from tickets where id = $1', [ticketId]);
      return rows[0]?.state;
    },
    async events(ticketId) {
      const { rows } = await pool.query<{ type: string; at: number; data: Record<string, unknown> }>(
        'select type, extract(epoch from at)::double precision * 1000 as at, data from ticket_events where ticket_id = $1 order by sequence',
        [ticketId],
      );
      return rows;
    },
    async stop() {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await Promise.all([native.close(), connection.close(), db.close()]);
    },
  };
}
