import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createSlack } from '../../integrations/slack.ts';
import { type SlackSimulator, startSlackSimulator } from '../../local/simulators/slack.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { controlsOf } from '../support/vendor-controls.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';

const BOT_TOKEN = 'xoxb-test-token-0000';
const CHANNEL = 'C0CLOSED';
const stateSchema = z.object({ channels: z.record(z.string(), z.array(z.looseObject({ blocks: z.unknown() }))) });

let simulator: SlackSimulator;
let desk: TestTickets;
beforeAll(async () => {
  simulator = await startSlackSimulator({
    deskUrl: 'http://127.0.0.1:1',
    botToken: BOT_TOKEN,
    signingSecret: 'signing-secret-0000',
  });
  const slack = createSlack({ apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, channel: CHANNEL });
  desk = await startTickets({ slack });
});
afterAll(async () => {
  await desk.stop();
  await simulator.close();
});

async function cards(): Promise<string[]> {
  const state = stateSchema.parse(await (await fetch(`${simulator.url}/_sim/state`)).json());
  return (state.channels[CHANNEL] ?? []).map(({ blocks }) => JSON.stringify(blocks));
}

function close(ticketId: string) {
  const asked = { id: randomUUID(), requestId: 'request', by: { kind: 'agent', id: null } } as const;
  return desk.tickets.execute(ticketId, { type: 'setStatus', ...asked, status: 'closed', reasonTextId: null });
}

// A workflow that ended took with it what it had asked of Slack: the card went on offering what nobody could do any more.
test('a ticket that is closed at once is shown as closed in Slack, and its workflow ends after that', async () => {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words('Order 7', 'Where is it?'));
  await close(name.ticketId);
  await desk.client.workflow.getHandle(ticketWorkflowId(name.ticketId)).result();
  expect(await cards()).toEqual([expect.stringContaining('*Status:* closed')]);
});

test('a message that comes while a closed ticket is still to be shown goes back to the ledger', async () => {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words('Order 8', 'Where is it?'));
  await vi.waitUntil(async () => (await cards()).length === 2, { timeout: 20_000 });
  await controlsOf(simulator.url).fault({ path: '/api/chat.update', delayMs: 2_000 });
  await close(name.ticketId);
  const { rows } = await desk.db.pool.query<{ id: string }>(
    `insert into inbox (source, external_id, kind, conversation_key, state, body, request_id, ticket_id)
     values ('api', 'late', 'inbound', 'late', 'applied', '{}', 'request', $1) returning id::text`,
    [name.ticketId],
  );
  const late = await desk.words('Order 8', 'And now?', { inboxId: rows[0]?.id ?? '' });
  expect(await desk.tickets.deliver(name, late)).toBe('delivered');
  await desk.client.workflow.getHandle(ticketWorkflowId(name.ticketId)).result();
  const { rows: back } = await desk.db.pool.query('select state, ticket_id from inbox');
  expect(back).toEqual([{ state: 'received', ticket_id: null }]);
});
