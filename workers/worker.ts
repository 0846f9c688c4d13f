/**
 * The Temporal workers: one for each task queue, with the activities that run there.
 */
import { cancellationSignal, type Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createAiActivities } from '../activities/ai.ts';
import { createChannelActivities } from '../activities/channels.ts';
import { createDispatchActivities } from '../activities/dispatch.ts';
import { createPageActivities, type PageActivities } from '../activities/pages.ts';
import { createSlackActivities } from '../activities/slack.ts';
import { createTicketActivities } from '../activities/tickets.ts';
import { createSettingsActivities } from '../activities/settings.ts';
import { createSettings } from '../db/settings.ts';
import type { Database } from '../db/orm.ts';
import type { Assistant, Drafter } from '../integrations/assistant.ts';
import type { ReplyChannel } from '../integrations/channel.ts';
import type { Files } from '../integrations/files.ts';
import type { Tracing } from '../integrations/opentelemetry.ts';
import type { Pagerduty } from '../integrations/pagerduty.ts';
import type { Slack } from '../integrations/slack.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { type Queue, queueName, ticketWorkflowId } from '../workflows/ticket-messages.ts';
import { aroundActivity } from './interceptors.ts';
import { QUEUE_LIMITS } from './queues.ts';
import { traceSinks } from './trace-sinks.ts';

export interface WorkerDeps {
  connection: NativeConnection;
  namespace: string;
  prefix: string;
  db: Database;
  logger: Logger;
  bundle: NonNullable<WorkerOptions['workflowBundle']>;
  model: Assistant | undefined;
  /** Drafts when the model does not. */
  second?: Drafter | undefined;
  front: ReplyChannel | null;
  files: Files;
  slack: Slack | null;
  pagerduty: Pagerduty | null;
  /** Where Temporal's UI is; a page links to its ticket's workflow there. */
  temporalUiUrl: string;
  /** Undefined where no traces are kept; the bundle must have been made accordingly. */
  tracing?: Tracing | undefined;
  /** Limits that differ from {@link QUEUE_LIMITS}. */
  limits?: Partial<typeof QUEUE_LIMITS>;
}

/** A worker for `queue`; `run()` it, and `shutdown()` lets what is under way finish. */
export function createWorker(queue: Queue, deps: WorkerDeps): Promise<Worker> {
  const { connection, namespace, logger, tracing } = deps;
  // The first is the outermost: what it is shown of a failure has been stripped of words.
  const traced = tracing === undefined ? [] : [(ctx: Context) => ({ inbound: tracing.aroundActivity(ctx) })];
  return Worker.create({
    connection,
    namespace,
    taskQueue: queueName(deps.prefix, queue),
    interceptors: { activity: [...traced, (ctx) => aroundActivity(ctx, logger)] },
    ...(tracing && { sinks: traceSinks(tracing) }),
    // A sticky worker that died is given up after this long.
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: '5s',
    ...(deps.limits?.[queue] ?? QUEUE_LIMITS[queue]),
    ...workOf(queue, deps),
  });
}

function workOf(queue: Queue, deps: WorkerDeps) {
  const { logger, model, second, front, slack } = deps;
  const { pool } = deps.db;
  const settings = createSettings(pool);
  switch (queue) {
    case 'tickets':
      return {
        workflowBundle: deps.bundle,
        activities: {
          ...createTicketActivities({ pool, slack: slack !== null, logger }),
          ...createSettingsActivities({ pool, settings }),
        },
      };
    case 'ai':
      return {
        activities: { ...createAiActivities({ pool, settings, logger, model, second, cancelled: cancellationSignal }) },
      };
    case 'slack':
      return {
        activities: {
          ...createSlackActivities({ pool, logger, slack, now: Date.now }),
          pageInSlack: pages(deps).pageInSlack,
        },
      };
    case 'integrations':
      return {
        activities: {
          ...createChannelActivities({ pool, logger, front, files: deps.files, cancelled: cancellationSignal }),
          pageInPagerduty: pages(deps).pageInPagerduty,
        },
      };
    case 'maintenance': {
      const { connection, namespace, tracing } = deps;
      const client = new Client({ connection, namespace, ...(tracing && { interceptors: tracing.client }) });
      const tickets = createTicketClient(client, deps.prefix);
      const now = Date.now;
      return {
        activities: {
          ...createDispatchActivities({ pool, settings, logger, tickets, cancelled: cancellationSignal, now }),
        },
      };
    }
  }
}

function pages({ db: { pool }, logger, slack, pagerduty, temporalUiUrl, namespace }: WorkerDeps): PageActivities {
  const workflows = `${temporalUiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return createPageActivities({
    pool,
    logger,
    slack,
    pagerduty,
    urlOf: (ticketId) => `${workflows}/${ticketWorkflowId(ticketId)}`,
    now: Date.now,
    cancelled: cancellationSignal,
  });
}
