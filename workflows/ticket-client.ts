/**
 * How the API and the relay speak with a ticket's workflow: three calls, and every failure as an error of our own table.
 *
 * Does not promise that a call which timed out was not taken: the same command id may be sent again, and is taken once.
 */
import { status } from '@grpc/grpc-js';
import {
  type Client,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ApplySettings, ReceiveMessage } from '../domain/commands.ts';
import type { PersonCommand } from '../domain/person-commands.ts';
import { DeskError, isErrorCode } from '../domain/errors.ts';
import {
  type Accepted,
  applySettings,
  catchUp,
  customerMessage,
  openTicket,
  TICKET_WORKFLOW,
  type TicketInput,
  ticketStart,
  ticketWorkflowId,
  updateOf,
} from './ticket-messages.ts';

/** How long a person waits for a verdict before being told to try again. */
const VERDICT_TIMEOUT_MS = 10_000;

/** How long a hand-over waits for Temporal; what was to be handed over then stays where it is. */
const HAND_OVER_TIMEOUT_MS = 5_000;

export interface TicketClient {
  /** Hands a customer's message over, starting the workflow for the first; `closed` when the ticket takes no more. */
  deliver(input: TicketInput, message: ReceiveMessage): Promise<'delivered' | 'closed'>;
  /** Tells the ticket that its row is recorded at `version`; one that has ended needs no telling. */
  catchUp(ticketId: string, version: number): Promise<void>;
  /** Opens a ticket and waits until it is recorded. Throws a DeskError. */
  open(input: TicketInput, message: ReceiveMessage): Promise<Accepted>;
  /** Executes a person's command and waits for the verdict, already committed. Throws a DeskError for a refusal. */
  execute(ticketId: string, command: PersonCommand): Promise<Accepted>;
  /** Tells the ticket which settings hold for it now; one that has ended needs no telling. */
  applySettings(ticketId: string, command: ApplySettings): Promise<void>;
}

/** Speaks with the tickets whose queues begin with `prefix`. */
export function createTicketClient(client: Client, prefix: string): TicketClient {
  const { workflow } = client;
  return {
    async deliver(input, message) {
      try {
        const start = ticketStart(input, message, prefix);
        await client.withDeadline(Date.now() + HAND_OVER_TIMEOUT_MS, () =>
          workflow.signalWithStart(TICKET_WORKFLOW, { ...start, signal: customerMessage, signalArgs: [message] }),
        );
        return 'delivered';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed';
        throw errorOf(error);
      }
    },
    catchUp: (ticketId, version) => tell(ticketId, (handle) => handle.signal(catchUp, version)),
    open(input, message) {
      return verdict(() =>
        workflow.executeUpdateWithStart(openTicket, {
          startWorkflowOperation: new WithStartWorkflowOperation(TICKET_WORKFLOW, ticketStart(input, message, prefix)),
          updateId: message.id,
          args: [message],
        }),
      );
    },
    execute(ticketId, command) {
      const handle = workflow.getHandle(ticketWorkflowId(ticketId));
      const update = updateOf(command.type);
      return verdict(() => handle.executeUpdate(update, { updateId: command.id, args: [command] }));
    },
    applySettings: (ticketId, command) => tell(ticketId, (handle) => handle.signal(applySettings, command)),
  };

  /** Signals the ticket, which may have ended. */
  async function tell(ticketId: string, signal: (handle: WorkflowHandle) => Promise<void>): Promise<void> {
    try {
      const handle = workflow.getHandle(ticketWorkflowId(ticketId));
      await client.withDeadline(Date.now() + HAND_OVER_TIMEOUT_MS, () => signal(handle));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw errorOf(error);
    }
  }

  async function verdict(call: () => Promise<Accepted>): Promise<Accepted> {
    const deadline = Date.now() + VERDICT_TIMEOUT_MS;
    for (;;) {
      try {
        return await client.withDeadline(deadline, call);
      } catch (error) {
        if (!isInterrupted(error) || Date.now() > deadline) throw errorOf(error);
      }
    }
  }
}

/**
 * A workflow task that fails because something arrived while the workflow was ending is done again at once, but takes the
 * update in it down. The same update id may be sent again; the command is taken once.
 */
function isInterrupted(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].some((one) => isGrpcServiceError(one) && one.code === status.FAILED_PRECONDITION);
}

function errorOf(error: unknown): DeskError {
  const refusal = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (refusal instanceof ApplicationFailure && isErrorCode(refusal.type)) {
    return new DeskError(refusal.type, refusal.message, { facts: factsOf(refusal) });
  }
  if (error instanceof WorkflowNotFoundError) {
    return new DeskError('ticket_closed', 'The ticket is closed, so nothing can be done with it.', { cause: error });
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcServiceError(error)) {
    const detail =
      'Temporal, which carries the tickets, did not answer in time. Send the same request with the same ' +
      'Idempotency-Key again; it is taken once.';
    return new DeskError('workflow_unavailable', detail, { cause: error });
  }
  return new DeskError('internal', 'The ticket could not take the command; the log tells why.', { cause: error });
}

function factsOf(refusal: ApplicationFailure): Record<string, unknown> {
  const facts: unknown = refusal.details?.[0];
  return typeof facts === 'object' && facts !== null ? { ...facts } : {};
}
