import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Status } from '../../domain/status.ts';
import { SEARCH_ATTRIBUTES, ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';

let desk: TestTickets;
beforeAll(async () => {
  desk = await startTickets();
});
afterAll(() => desk.stop());

async function openTicket(): Promise<string> {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words('Invoice 7', 'Why was I charged twice?'));
  await vi.waitUntil(async () => (await desk.read(name.ticketId))?.effects.length === 0, { timeout: 20_000 });
  return name.ticketId;
}

function setStatus(ticketId: string, status: Status) {
  const asked = { id: randomUUID(), requestId: 'request', by: { kind: 'agent', id: null } } as const;
  return desk.tickets.execute(ticketId, { type: 'setStatus', ...asked, status, reasonTextId: null });
}

async function shownStatus(ticketId: string): Promise<unknown> {
  const description = await desk.client.workflow.getHandle(ticketWorkflowId(ticketId)).describe();
  return description.typedSearchAttributes.get(SEARCH_ATTRIBUTES.status);
}

/** How often search attributes were written so far. */
async function writes(ticketId: string): Promise<number> {
  const { events } = await desk.client.workflow.getHandle(ticketWorkflowId(ticketId)).fetchHistory();
  return (events ?? []).filter((event) => event.upsertWorkflowSearchAttributesEventAttributes).length;
}

test('Temporal’s lists follow what a person did, and a burst of steps is written once', async () => {
  const id = await openTicket();
  await vi.waitUntil(async () => (await shownStatus(id)) === 'open', { timeout: 20_000 });
  const before = await writes(id);
  for (const status of ['pending', 'open', 'on_hold'] as const) await setStatus(id, status);
  await vi.waitUntil(async () => (await shownStatus(id)) === 'on_hold', { timeout: 20_000 });
  expect(await writes(id)).toBe(before + 1);
});

test('a ticket that ends leaves nothing behind in Temporal’s lists', async () => {
  const id = await openTicket();
  await setStatus(id, 'closed');
  await desk.client.workflow.getHandle(ticketWorkflowId(id)).result();
  expect(await shownStatus(id)).toBe('closed');
});
