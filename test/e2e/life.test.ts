import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await startDesk();
});
afterAll(() => desk.stop());

interface TicketJson {
  id: string;
  reference: string;
  status: string;
  triage: { engine: string; category: string } | null;
  sla: { firstResponse: { state: string } | null };
}
interface Page<T> {
  items: T[];
}

async function ticketOf(conversationId: string, ready: (ticket: TicketJson) => boolean = () => true) {
  return eventually(async () => {
    const { rows } = await desk.pool.query<{ id: string }>(
      `select t.id from tickets t join conversations c on c.ticket_id = t.id where c.external_id = $1`,
      [conversationId],
    );
    const id = rows[0]?.id;
    if (id === undefined) return undefined;
    const ticket = await desk.ask<TicketJson>('GET', `/api/v1/tickets/${id}`);
    return ready(ticket) ? ticket : undefined;
  });
}

interface DraftJson {
  id: string;
  state: string;
  body: string;
  engine: string;
}

function draftOf(ticketId: string) {
  return eventually(async () => {
    const { items } = await desk.ask<Page<DraftJson>>('GET', `/api/v1/tickets/${ticketId}/drafts`);
    return items.find((draft) => draft.state === 'proposed');
  });
}

describe('a message from Front', () => {
  test('becomes a triaged ticket with a draft, and the approved answer goes back to Front', async () => {
    const conversationId = 'cnv_life1';
    await desk.sim('front', 'POST', 'events', {
      conversationId,
      subject: 'Charged twice',
      body: 'My invoice shows two charges, please check.',
      from: { email: 'grace@example.com', name: 'Grace' },
    });
    const ticket = await ticketOf(conversationId, ({ status }) => status === 'open');
    expect(ticket.triage).toMatchObject({ engine: 'simulator', category: 'billing' });
    const draft = await draftOf(ticket.id);
    expect(draft.engine).toBe('simulator');
    expect(await desk.calls('front', `/conversations/${conversationId}/messages`)).toEqual([]);

    await desk.ask('POST', `/api/v1/tickets/${ticket.id}/drafts/${draft.id}/decision`, { decision: 'approve' });
    const answered = await ticketOf(conversationId, ({ status }) => status === 'pending');
    expect(answered.sla.firstResponse?.state).toBe('fulfilled');
    const sent = await desk.calls('front', `/conversations/${conversationId}/messages`);
    expect(sent.map((call) => call.status)).toEqual([202]);
  });
});
