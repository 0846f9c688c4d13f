/** The names by which the outside speaks with the dispatch: its id, signals, and how it is started. */
import { defineSignal } from '@temporalio/workflow';
import { queueName } from './ticket-messages.ts';

export const DISPATCH_WORKFLOW = 'dispatch';

/** What is still to be done; carried over by continue-as-new. */
export interface DispatchInput {
  /** Whether something may fit that did not before. */
  woken: boolean;
  /** The agents who left and hand their tickets back. */
  left: string[];
}

/** A ticket waits and somebody may take it. */
export const wake = defineSignal('wake');
/** An agent is not there any more and hands back what they have. */
export const agentLeft = defineSignal<[{ agentId: string }]>('agentLeft');

/** The options that start a desk's one dispatch, or find it running. */
export function dispatchStart(prefix: string) {
  return {
    workflowId: `${prefix}-dispatch`,
    taskQueue: queueName(prefix, 'tickets'),
    args: [{ woken: false, left: [] }] satisfies [DispatchInput],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: 'Hands waiting tickets to whoever has room',
  };
}
