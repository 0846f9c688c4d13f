/**
 * Around every activity: a heartbeat, so that a dead worker is noticed within seconds; one log line with the ids that
 * lead from a webhook to a vendor call; and failures stripped of words, because they land in Temporal's history.
 */
import { type Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { Logger } from 'pino';

const BEAT_MS = 2_000;

/** The interceptor of one activity run. */
export function aroundActivity(ctx: Context, logger: Logger): { inbound: ActivityInboundCallsInterceptor } {
  const { info } = ctx;
  const log = logger.child({
    activity: info.activityType,
    workflowId: info.workflowExecution?.workflowId,
    attempt: info.attempt,
  });
  return {
    inbound: {
      async execute(input, next) {
        const beating = info.isLocal ? undefined : setInterval(() => heartbeat(), BEAT_MS);
        const started = performance.now();
        try {
          const result: unknown = await next(input);
          const ms = Math.round(performance.now() - started);
          log[info.isLocal ? 'debug' : 'info']({ ...idsOf(input.args), ms }, 'activity done');
          return result;
        } catch (error) {
          log.warn({ ...idsOf(input.args), err: error }, 'activity failed');
          throw withoutWords(error, info.activityType);
        } finally {
          clearInterval(beating);
        }
      },
    },
  };
}

/** The ids of an activity's one argument; commands and activities name everything by id, so there is nothing else to tell. */
function idsOf(args: unknown[]): Record<string, unknown> {
  const [first] = args;
  if (typeof first !== 'object' || first === null) return {};
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => key.endsWith('Id') && typeof value === 'string'),
  );
}

function withoutWords(error: unknown, activity: string): unknown {
  // Ours say only what may be said; a cancellation says nothing.
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return ApplicationFailure.create({ message: `${activity} failed with ${kind}; the log tells why.`, type: kind });
}
