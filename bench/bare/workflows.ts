/** The bare equivalents: what Temporal itself costs for the same promise, with nothing of the desk around it. */
import { condition, defineUpdate, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities } from './activities.ts';

const { insert } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10s' });
const { first, second } = proxyActivities<BareActivities>({ startToCloseTimeout: '10s' });

/** One local activity that inserts a row. */
export async function record(id: string): Promise<void> {
  await insert('recorded', id);
}

/** The same with two activities beside each other, as triage and draft are. */
export async function draft(id: string): Promise<void> {
  await insert('recorded', id);
  await Promise.all([first(), second()]);
  await insert('drafted', id);
}

export const command = defineUpdate<void, [string]>('command');

/** Stays, and takes an update whose local activity inserts a row. */
export async function commanded(): Promise<void> {
  setHandler(command, (id) => insert('commanded', id));
  await condition(() => false);
}
