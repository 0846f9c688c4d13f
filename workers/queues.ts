/**
 * The task queues: what runs on each, how much at once, and how fast. A queue that waits on a slow vendor never shares
 * its slots with one that must be quick.
 */
import type { WorkerOptions } from '@temporalio/worker';
import type { Queue } from '../workflows/ticket-messages.ts';

type Limits = Pick<
  WorkerOptions,
  | 'maxConcurrentActivityTaskExecutions'
  | 'maxConcurrentWorkflowTaskExecutions'
  | 'maxConcurrentLocalActivityExecutions'
  | 'maxTaskQueueActivitiesPerSecond'
  | 'maxCachedWorkflows'
>;

export const QUEUE_LIMITS: Readonly<Record<Queue, Limits>> = {
  // A cached ticket takes about half a megabyte; one that fell out is replayed from its history when it is next needed.
  tickets: {
    maxCachedWorkflows: 600,
    maxConcurrentWorkflowTaskExecutions: 40,
    maxConcurrentLocalActivityExecutions: 40,
  },
  ai: { maxConcurrentActivityTaskExecutions: 20 },
  // Slack takes one message a second in a channel: https://docs.slack.dev/apis/web-api/rate-limits
  slack: { maxConcurrentActivityTaskExecutions: 5, maxTaskQueueActivitiesPerSecond: 1 },
  integrations: { maxConcurrentActivityTaskExecutions: 20 },
  maintenance: { maxConcurrentActivityTaskExecutions: 10 },
};
