/** Skips time for one workflow on the real server: days pass in milliseconds, activities run in real time. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

/** Moves the workflow `workflowId` `seconds` ahead and resolves when it is there. */
export async function skip(client: Client, workflowId: string, seconds: number): Promise<void> {
  const { workflowService } = client.connection;
  const id = randomUUID();
  const workflowExecution = { workflowId };
  await workflowService.updateWorkflowExecutionOptions({
    namespace: 'default',
    workflowExecution,
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: msToTs(seconds * 1000) } },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  await workflowService.pollWorkflowExecutionTimeSkipping({
    namespace: 'default',
    workflowExecution,
    fastForwardId: id,
  });
}
