/** The bare equivalents: what Temporal itself costs for the same promise, with nothing of the desk around it. */
import { condition, defineUpdate, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities } from './activities.ts';

const { insert } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10s' });
/** On a queue of their own, as a slow model's must be; the server then dispatches them like any other. */
const apart = proxyActivities<BareActivities>({ startToCloseTimeout: '10s', taskQueue: 'bare-activities' });
/** On the workflow's own queue, where the server hands them over with the answer to the workflow task. */
const beside = proxyActivities<BareActivities>({ startToCloseTimeout: '10s' });

/** One local activity that inserts a row. */
export async function record(id: string): Promise<void> {
  await insert('recorded', id);
}

/** The same with two activities beside each other, as triage and draft are. */
export async function draft(id: string): Promise<void> {
  await insert('recorded', id);
  await Promise.all([apart.first(), apart.second()]);
  await insert('drafted', id);
}

/** The same, on the workflow's own queue. */
export async function draftOnOneQueue(id: string): Promise<void> {
  await insert('recorded', id);
  await Promise.all([beside.first(), beside.second()]);
  await insert('drafted', id);
}

export const command = defineUpdate<void, [string]>('command');

/** Stays, and takes an update whose local activity inserts a row. */
export async function commanded(): Promise<void> {
  setHandler(command, (id) => insert('commanded', id));
  await condition(() => false);
}
