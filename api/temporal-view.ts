/** What the API asks Temporal beside commands; short, because a page or a probe waits for it. */
import type { Client } from '@temporalio/client';
import type { TemporalView } from './services.ts';

const PATIENCE_MS = 2_000;

/** Asks through `client`. */
export function createTemporalView(client: Client): TemporalView {
  return {
    async runIdOf(workflowId) {
      try {
        const described = await within(() => client.workflow.getHandle(workflowId).describe());
        return described.runId;
      } catch {
        // The page is shown without the run: the workflow's id alone leads there too.
        return null;
      }
    },
    async reachable() {
      try {
        await within(() => client.workflowService.getSystemInfo({}));
        return true;
      } catch {
        // That it cannot be reached is the answer.
        return false;
      }
    },
  };

  function within<T>(call: () => Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const patience = setTimeout(() => reject(new Error('Temporal did not answer in time.')), PATIENCE_MS);
    const asked = client.withDeadline(Date.now() + PATIENCE_MS, call);
    return Promise.race([asked, promise]).finally(() => clearTimeout(patience));
  }
}
