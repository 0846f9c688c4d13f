/**
 * Who gets what waits: one workflow for each desk. It sleeps until it is woken, then hands out whatever fits, earliest
 * deadline first; and it takes back the tickets of agents who left.
 *
 * Wakes coalesce: one that comes while tickets are being handed out leads to one more round. It does not promise that a
 * ticket gets anybody; one that fits nobody waits for the next wake, and holds up none behind it.
 */
import { condition, continueAsNew, proxyActivities, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import type { DispatchActivities } from '../activities/dispatch.ts';
import { agentLeft, type DispatchInput, wake } from './dispatch-messages.ts';
import { queue } from './effects.ts';

/** Runs for ever, carried from run to run. */
export async function dispatch(input: DispatchInput): Promise<void> {
  const todo: DispatchInput = { woken: input.woken, left: [...input.left] };
  setHandler(wake, () => {
    todo.woken = true;
  });
  setHandler(agentLeft, ({ agentId }) => {
    if (!todo.left.includes(agentId)) todo.left.push(agentId);
  });
  // Side by side, so that an agent's tickets that are slow to come back keep nobody waiting.
  await Promise.all([handOutWhenWoken(todo), handBackWhenLeft(todo)]);
  await continueAsNew<typeof dispatch>(todo);
}

/** Until this run has grown long. */
async function handOutWhenWoken(todo: DispatchInput): Promise<void> {
  for (;;) {
    await condition(() => todo.woken || isLong());
    if (isLong()) return;
    todo.woken = false;
    await handOutAll();
  }
}

/** Walks the line of waiting tickets once, or until nobody has room. */
async function handOutAll(): Promise<void> {
  const round = uuid4();
  let after: Awaited<ReturnType<DispatchActivities['handOut']>>['after'] = null;
  do {
    ({ after } = await maintenance('Hand out what waits').handOut({ round, after }));
  } while (after !== null);
}

/** Until this run has grown long. */
async function handBackWhenLeft(todo: DispatchInput): Promise<void> {
  for (;;) {
    await condition(() => todo.left.length > 0 || isLong());
    const [agentId] = todo.left;
    if (agentId === undefined || isLong()) return;
    await maintenance('Take back what an agent who left has').handBack({ agentId });
    todo.left.shift();
  }
}

function isLong(): boolean {
  return workflowInfo().continueAsNewSuggested;
}

function maintenance(summary: string) {
  return proxyActivities<DispatchActivities>({
    taskQueue: queue('maintenance'),
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '8s',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary,
  });
}
