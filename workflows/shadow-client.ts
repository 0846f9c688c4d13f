/**
 * How the API looks ahead: it starts a shadow of a ticket, lets Temporal skip its time, and waits for what it met.
 *
 * Does not promise an answer: a shadow that takes too long is ended, and the error says so. One that is left behind by a
 * process that died goes on in real time, touches nothing, and ends by itself.
 */
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { DeskError } from '../domain/errors.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { shadowTicket } from './shadow.ts';
import { SHADOW_WORKFLOW, type ShadowResult, shadowStart } from './shadow-messages.ts';

/** How long a look ahead may take in real time. */
const PATIENCE_MS = 20_000;

/** How long the end of a shadow that took too long may take. */
const ENDING_MS = 2_000;

export interface ShadowClient {
  /**
   * What would happen to `ticket` if nobody touched it from `from` to `until` (milliseconds since 1970). Throws a DeskError:
   * `time_skipping_unavailable`, or `workflow_unavailable` when there was no answer in time.
   */
  lookAhead(ticket: Ticket, from: number, until: number): Promise<ShadowResult>;
}

/** Starts shadows on the tickets' queue of the desk `prefix`; `patience` is in milliseconds of real time. */
export function createShadowClient(client: Client, prefix: string, patience = PATIENCE_MS): ShadowClient {
  return {
    async lookAhead(ticket, from, until) {
      const deadline = Date.now() + patience;
      let handle: WorkflowHandle<typeof shadowTicket> | undefined;
      try {
        return await client.withDeadline(deadline, async () => {
          const start = shadowStart({ ticket, from, until }, randomUUID(), prefix);
          handle = await client.workflow.start<typeof shadowTicket>(SHADOW_WORKFLOW, start);
          await skipTime(client, handle.workflowId);
          return await handle.result();
        });
      } catch (error) {
        if (handle !== undefined && !(error instanceof WorkflowFailedError)) await end(client, handle);
        throw errorOf(error);
      }
    },
  };
}

/** Lets the workflow's time run ahead to its end: whenever it only waits, it waits no longer. */
async function skipTime(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: client.options.namespace,
      workflowExecution: { workflowId },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
      updateMask: { paths: ['time_skipping_config'] },
    });
  } catch (error) {
    if (isGrpcServiceError(error) && UNAVAILABLE.includes(error.code)) throw unavailable(error);
    throw error;
  }
}

/** How a server says that it does not skip time: it was not allowed to, or knows no such option. */
const UNAVAILABLE: readonly status[] = [status.UNIMPLEMENTED, status.INVALID_ARGUMENT];

function unavailable(cause: unknown): DeskError {
  const detail =
    'This Temporal server does not skip time, so nobody can look ahead: use a server of 1.32 or newer, started with the ' +
    'dynamic configuration frontend.WorkflowTimeSkippingEnabled = true.';
  return new DeskError('time_skipping_unavailable', detail, { cause });
}

async function end(client: Client, handle: WorkflowHandle): Promise<void> {
  try {
    await client.withDeadline(Date.now() + ENDING_MS, () => handle.terminate('Nobody waits for the answer any more.'));
  } catch {
    // Temporal does not answer, which the caller is told anyway; the shadow touches nothing and ends by itself.
  }
}

function errorOf(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  if (error instanceof WorkflowFailedError) {
    return new DeskError('internal', 'The shadow of the ticket failed; the log tells why.', { cause: error });
  }
  const detail =
    'Temporal did not finish looking ahead in time, so it was given up; nothing was changed. Ask again in a moment, or ' +
    'for fewer "hours".';
  return new DeskError('workflow_unavailable', detail, { cause: error });
}
