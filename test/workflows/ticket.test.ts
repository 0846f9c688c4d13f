import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';
import { skip } from '../support/time.ts';

const HOUR = 3600;
const by = { kind: 'agent', id: null } as const;

let desk: TestTickets;
beforeAll(async () => {
  desk = await startTickets();
});
afterAll(() => desk.stop());

async function openTicket(subject = 'Invoice 7', body = 'Why was I charged twice?') {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words(subject, body));
  return { ...name, workflowId: ticketWorkflowId(name.ticketId) };
}

async function types(ticketId: string): Promise<string[]> {
  return (await desk.events(ticketId)).map((event) => event.type);
}

/** Waits until the ticket's draft is proposed and answers its id. */
async function draftOf(ticketId: string): Promise<string> {
  return vi.waitUntil(
    async () => {
      const ticket = await desk.read(ticketId);
      return ticket?.status === 'open' ? ticket.draft?.id : undefined;
    },
    { timeout: 20_000 },
  );
}

describe('a ticket from its first message on', () => {
  test('is triaged, gets a draft, is answered when that is approved, and waits on the customer', async () => {
    const { ticketId } = await openTicket();
    const draftId = await draftOf(ticketId);
    await desk.tickets.execute(ticketId, {
      type: 'decideDraft',
      requestId: 'request',
      id: randomUUID(),
      draftId,
      decision: 'approve',
      messageId: randomUUID(),
      textId: null,
      by,
    });
    await vi.waitUntil(async () => (await desk.read(ticketId))?.status === 'pending', { timeout: 20_000 });
    const happened = await types(ticketId);
    expect(happened.slice(0, 2)).toEqual(['ticket.created', 'message.received']);
    expect(happened.slice(2, 5).sort()).toEqual(['draft.proposed', 'ticket.opened', 'ticket.triaged']);
    expect(happened.slice(5)).toEqual([
      'draft.decided',
      'message.sending',
      'message.sent',
      'sla.fulfilled',
      'ticket.pending',
    ]);
  });

  test('unanswered, is at risk, then breached, then paged about once, days before anyone looks', async () => {
    const { ticketId, workflowId } = await openTicket();
    await draftOf(ticketId);
    await skip(desk.client, workflowId, 48 * HOUR);
    await vi.waitUntil(async () => (await types(ticketId)).includes('escalation.failed'), { timeout: 20_000 });
    const events = await desk.events(ticketId);
    const after = events.slice(-3).map((event) => event.type);
    expect(after).toEqual(['sla.warned', 'sla.breached', 'escalation.failed']);
    const ticket = await desk.read(ticketId);
    expect(events.at(-2)?.at).toBe(ticket?.firstResponse?.breachedAt);
    const late = (ticket?.firstResponse?.breachedAt ?? 0) - (ticket?.firstResponse?.dueAt ?? 0);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
  });
});
