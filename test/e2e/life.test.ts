/** Tickets from a customer's first words on: what becomes of them, where late ones go, and what Temporal never hears. */
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { isOpen, type Reading, reading } from './reading.ts';

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
});
afterAll(() => desk.stop());

test('a message from Front becomes a triaged ticket with a draft, and the approved answer goes back to Front', async () => {
  const ticket = await eyes.newTicket('cnv_life', 'My invoice shows two charges, please check.', isOpen);
  expect(ticket.triage).toMatchObject({ engine: 'simulator', category: 'billing' });
  const draft = await eyes.draft(ticket.id);
  expect(draft.engine).toBe('simulator');
  expect(await eyes.frontAnswers('cnv_life')).toEqual([]);

  await eyes.decide(ticket.id, draft.id, 'approve');
  const answered = await eyes.ticketOf('cnv_life', ({ status }) => status === 'pending');
  expect(answered.sla.firstResponse?.state).toBe('fulfilled');
  expect(await eyes.frontAnswers('cnv_life')).toEqual([202]);
});

test('what a customer, an agent and the vendors wrote appears nowhere in Temporal: not in history, memo, attributes or details', async () => {
  const CANARY = 'canary7f3a';
  const from = { email: `${CANARY}@example.com`, name: `${CANARY}-name` };
  await eyes.write('cnv_canary', `${CANARY}-body: my invoice is wrong`, { subject: `${CANARY}-subject`, from });
  const { id } = await eyes.ticketOf('cnv_canary', isOpen);
  await eyes.draft(id);
  await desk.sim('front', 'PUT', 'faults', { status: 422, count: 1, path: '/conversations/cnv_canary' });
  await eyes.answer(id, `${CANARY}-reply`);
  await eyes.reply(id, 'failed');
  await desk.ask('POST', `/api/v1/tickets/${id}/status`, { status: 'resolved', reason: `${CANARY}-reason` });

  const connection = await Connection.connect({ address: desk.temporalAddress });
  const handle = new Client({ connection }).workflow.getHandle(ticketWorkflowId(id));
  const told = [await handle.fetchHistory(), (await handle.describe()).raw];
  await connection.close();
  const seen = JSON.stringify(told, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
  expect(seen).toContain(id);
  expect(seen).not.toContain(CANARY);
  expect(await desk.logs()).not.toContain(CANARY);
});

describe('a late reply in the conversation of a merged ticket', () => {
  const merge = (id: string, into: string) => desk.ask('POST', `/api/v1/tickets/${id}/merge`, { into });

  /** The bodies of what customers wrote in the ticket, once there are `count`. */
  function written(ticketId: string, count: number): Promise<string[]> {
    return eventually(async () => {
      const inbound = (await eyes.messages(ticketId)).filter(({ direction }) => direction === 'inbound');
      return inbound.length >= count && inbound.map(({ body }) => body);
    });
  }

  test('reaches the ticket that it went into, through a chain of merges too, and not once the merge is undone', async () => {
    const before = await tickets();
    const one = await eyes.newTicket('cnv_one', 'First question', isOpen);
    const two = await eyes.newTicket('cnv_two', 'Second question', isOpen);
    const three = await eyes.newTicket('cnv_three', 'Third question', isOpen);
    await merge(one.id, two.reference);
    await eyes.write('cnv_one', 'Late for two');
    expect(await written(two.id, 2)).toEqual(['Second question', 'Late for two']);
    await merge(two.id, three.reference);
    await eyes.write('cnv_one', 'Late for three');
    expect(await written(three.id, 2)).toEqual(['Third question', 'Late for three']);

    await desk.ask('POST', `/api/v1/tickets/${one.id}/unmerge`);
    await eyes.write('cnv_one', 'Mine again');
    expect(await written(one.id, 2)).toEqual(['First question', 'Mine again']);
    expect(await tickets()).toBe(before + 3);
  });

  test('is kept once, in one of the two, when it meets the merge', async () => {
    const [from, into] = [
      await eyes.newTicket('cnv_from', 'Here', isOpen),
      await eyes.newTicket('cnv_into', 'There', isOpen),
    ];
    await Promise.all([merge(from.id, into.reference), eyes.write('cnv_from', 'In between')]);
    const places = await eventually(async () => {
      const all = [...(await eyes.messages(from.id)), ...(await eyes.messages(into.id))];
      const found = all.filter(({ body }) => body === 'In between');
      return found.length > 0 && found;
    });
    expect(places).toHaveLength(1);
    expect((await eyes.ticket(from.id)).status).toBe('closed');
  });
});

async function tickets(): Promise<number> {
  const { rows } = await desk.pool.query<{ count: number }>('select count(*)::integer from tickets');
  return rows[0]?.count ?? 0;
}
