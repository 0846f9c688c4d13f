import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { isOpen, type Reading, reading } from './reading.ts';

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
});
afterAll(() => desk.stop());

/** How the timeline tells of the customer's messages, in order. */
async function received(ticketId: string) {
  const timeline = await eyes.timeline(ticketId);
  return timeline.filter(({ type }) => type === 'message.received').map(({ data }) => data['text']);
}

describe('a reply', () => {
  test('is shown as sending with its attempts while Front is down, and is accepted once when Front is back', async () => {
    const ticket = await eyes.newTicket('cnv_retry', 'Where is my parcel?', isOpen);
    await desk.sim('front', 'PUT', 'faults', { path: '/conversations/cnv_retry', status: 503, count: 2 });
    const { id } = await eyes.answer(ticket.id, 'It is on its way.');
    const waiting = await eventually(async () => {
      const message = (await eyes.messages(ticket.id)).find((one) => one.id === id);
      return message?.delivery?.lastError != null && message;
    });
    expect(waiting.state).toBe('sending');
    expect(waiting.delivery?.attempts).toBeGreaterThan(0);
    expect(waiting.delivery?.lastError).toBe('Front answered 503.');

    const sent = await eyes.reply(ticket.id, 'sent');
    expect(sent.delivery).toMatchObject({ attempts: 3, lastError: null });
    expect(await eyes.frontAnswers('cnv_retry')).toEqual([503, 503, 202]);
    expect(await eyes.count(ticket.id, 'message.sent')).toBe(1);
  });

  test.for([
    { status: 404, reason: 'Unknown resource: this conversation does not exist.' },
    { status: 422, reason: 'The simulator was told so.' },
  ])('that Front refuses with $status has failed with the reason, and another can be sent', async (refusal) => {
    const conversationId = `cnv_refused${refusal.status}`;
    const ticket = await eyes.newTicket(conversationId, 'Please cancel my order.', isOpen);
    if (refusal.status === 404) await desk.sim('front', 'PUT', 'missing', { ids: [conversationId] });
    else await desk.sim('front', 'PUT', 'faults', { path: `/conversations/${conversationId}`, status: 422 });
    await eyes.answer(ticket.id, 'It is cancelled.');
    const failed = await eyes.reply(ticket.id, 'failed');
    expect(failed.failureReason).toBe(refusal.reason);
    const told = (await eyes.timeline(ticket.id)).at(-1);
    expect(told).toMatchObject({ type: 'message.failed', data: { messageId: failed.id, reason: refusal.reason } });
    const after = await eyes.ticket(ticket.id);
    expect(after).toMatchObject({ status: 'open', sla: { firstResponse: { state: 'running' } } });

    await desk.sim('front', 'PUT', 'missing', { ids: [] });
    await eyes.answer(ticket.id, 'It is cancelled, indeed.');
    await eyes.reply(ticket.id, 'sent');
    expect(await eyes.frontAnswers(conversationId)).toEqual([refusal.status, 202]);
    expect(await eyes.ticketOf(conversationId, ({ status }) => status === 'pending')).toMatchObject({ id: ticket.id });
  });
});

describe('a rule’s preview without text', () => {
  const preview = { via: 'rule', preview: true };

  test('is completed through Front’s API before it becomes a ticket', async () => {
    const body = 'My order 7 came without its lid.\nPlease send me another one.';
    const { messageId } = await eyes.write('cnv_preview', body, preview);
    const ticket = await eyes.ticketOf('cnv_preview');
    expect(await received(ticket.id)).toEqual([body]);
    expect(await eyes.messages(ticket.id)).toMatchObject([{ direction: 'inbound', body, state: 'received' }]);
    expect(await desk.calls('front', `/messages/${messageId}`)).toHaveLength(1);
  });

  test('waits while Front is down, says why, and later messages stay in order behind it', async () => {
    await desk.sim('front', 'PUT', 'faults', { path: '/messages/', status: 503, count: 1000 });
    const first = await eyes.write('cnv_order', 'The first words.', preview);
    const second = await eyes.write('cnv_order', 'The second words.');
    const reason = 'Front answered 503.';
    await eventually(async () => (await eyes.inbox(first.eventId))?.reason === reason);
    const other = await eyes.newTicket('cnv_meanwhile');
    expect(await eyes.inbox(first.eventId)).toMatchObject({ status: 'incomplete', reason, ticketId: null });
    expect(await eyes.inbox(second.eventId)).toMatchObject({ status: 'received', ticketId: null });

    await desk.sim('front', 'DELETE', 'faults');
    await eventually(async () => (await eyes.inbox(second.eventId))?.status === 'applied');
    const ticket = await eyes.ticketOf('cnv_order');
    await eventually(async () => (await received(ticket.id)).length === 2);
    expect(await received(ticket.id)).toEqual(['The first words.', 'The second words.']);
    expect(other.id).not.toBe(ticket.id);
  });
});

describe('a webhook', () => {
  test('of a kind that changes nothing is answered 200 and kept as ignored, with the reason', async () => {
    const { status, body, eventId } = await eyes.write('cnv_comment', 'unused', { type: 'comment' });
    expect({ status, body }).toEqual({ status: 200, body: { accepted: true, duplicate: false } });
    const row = await eyes.inbox(eventId);
    expect(row).toMatchObject({ status: 'ignored', kind: 'comment', ticketId: null });
    expect(row?.reason).toContain('"comment"');
  });

  test('that comes by the application and by a rule with one event id is one message', async () => {
    const twice = { eventId: 'evt_bothways', messageId: 'msg_bothways' };
    const byApp = await eyes.write('cnv_bothways', 'Once, please.', twice);
    const byRule = await eyes.write('cnv_bothways', 'Once, please.', { ...twice, via: 'rule' });
    expect([byApp.body, byRule.body]).toEqual([
      { accepted: true, duplicate: false },
      { accepted: true, duplicate: true },
    ]);
    const ticket = await eyes.ticketOf('cnv_bothways', isOpen);
    expect(await received(ticket.id)).toEqual(['Once, please.']);
  });

  test('that tells of a known message under another event id adds no message and does not stop the ticket', async () => {
    const messageId = 'msg_twoevents';
    const [one, two] = await Promise.all([
      eyes.write('cnv_twoevents', 'Once, please.', { messageId }),
      eyes.write('cnv_twoevents', 'Once, please.', { messageId, via: 'rule' }),
    ]);
    const last = await eyes.write('cnv_twoevents', 'And another.');
    await eventually(async () => (await eyes.inbox(last.eventId))?.status === 'applied');
    const ticket = await eyes.ticketOf('cnv_twoevents');
    await eventually(async () => (await received(ticket.id)).includes('And another.'), 15_000);
    expect(await received(ticket.id)).toEqual(['Once, please.', 'And another.']);
    expect(one.eventId).not.toBe(two.eventId);
  });
});

describe('a conversation that goes on', () => {
  test('after its ticket was closed, begins a follow-up that names it', async () => {
    const closed = await eyes.newTicket('cnv_closed', 'My kettle is broken.', isOpen);
    await desk.ask('POST', `/api/v1/tickets/${closed.id}/status`, { status: 'closed' });
    const story = await eyes.timeline(closed.id);
    await eyes.write('cnv_closed', 'It broke again.');
    const next = await eyes.ticketOf('cnv_closed', ({ id }) => id !== closed.id);
    expect((await eyes.timeline(next.id))[0]).toMatchObject({
      type: 'ticket.created',
      data: { followUpOf: closed.id },
    });
    expect(await received(next.id)).toEqual(['It broke again.']);
    expect(await eyes.timeline(closed.id)).toEqual(story);
  });

  test('while its ticket is resolved, reopens it', async () => {
    const ticket = await eyes.newTicket('cnv_resolved', 'How do I descale it?', isOpen);
    await desk.ask('POST', `/api/v1/tickets/${ticket.id}/status`, { status: 'resolved' });
    await eyes.write('cnv_resolved', 'That did not help.');
    const reopened = await eyes.ticketOf('cnv_resolved', isOpen);
    expect(reopened.id).toBe(ticket.id);
    expect(await eyes.count(ticket.id, 'ticket.reopened')).toBe(1);
    expect(await received(ticket.id)).toEqual(['How do I descale it?', 'That did not help.']);
  });

  test('makes the waiting draft stale, and whoever decides that is refused', async () => {
    const ticket = await eyes.newTicket('cnv_stale', 'Is it blue?', isOpen);
    const old = await eyes.draft(ticket.id);
    await eyes.write('cnv_stale', 'I mean green.');
    await eventually(async () => (await eyes.count(ticket.id, 'draft.stale')) === 1);
    await expect(eyes.decide(ticket.id, old.id, 'approve')).rejects.toThrow(/answered 409: .*"draft_stale"/);
    const fresh = await eyes.draft(ticket.id);
    expect(fresh.id).not.toBe(old.id);
    expect((await eyes.drafts(ticket.id)).map(({ state }) => state)).toEqual(['stale', 'proposed']);
    expect(await eyes.frontAnswers('cnv_stale')).toEqual([]);
  });
});

describe('a ticket whose model', () => {
  test.for([
    { what: 'is down', control: 'faults', order: { path: '/v1', status: 500, count: 2 } },
    {
      what: 'is slower than the desk’s patience',
      control: 'faults',
      order: { path: '/v1', delayMs: 12_000, count: 2 },
    },
    { what: 'refuses to answer', control: 'refusal', order: { count: 2 } },
  ])('$what is triaged by the heuristic', async ({ control, order }) => {
    await desk.sim('openai', 'PUT', control, order);
    const ticket = await eyes.newTicket(
      `cnv_model${order.count}${JSON.stringify(order).length}`,
      'Please help.',
      isOpen,
    );
    expect(ticket.triage?.engine).toBe('heuristic');
    await eyes.draft(ticket.id);
    expect(await eyes.count(ticket.id, 'ticket.triaged')).toBe(1);
  });
});

interface LedgerRow {
  id: string;
  status: string;
}

describe('a row of the ledger', () => {
  const replay = (id: string) => desk.ask<{ replayed: number }>('POST', `/api/v1/inbox/${id}/replay`);
  const settled = (id: string) =>
    eventually(async () => {
      const row = await desk.ask<LedgerRow>('GET', `/api/v1/inbox/${id}`);
      return row.status !== 'received' && row.status !== 'incomplete' && row.status;
    });

  test('a preview that Front did not know becomes a ticket, with its text, once it is replayed', async () => {
    await desk.sim('front', 'PUT', 'faults', { path: '/messages/', status: 404, count: 1 });
    const { eventId } = await eyes.write('cnv_replayed', 'My kettle leaks.', { via: 'rule', preview: true });
    const row = await eventually(async () => {
      const found = await eyes.inbox(eventId);
      return found?.status === 'failed' && found;
    });
    expect((await replay(row.id)).replayed).toBe(1);
    const ticket = await eyes.ticketOf('cnv_replayed');
    expect(await eyes.messages(ticket.id)).toMatchObject([{ direction: 'inbound', body: 'My kettle leaks.' }]);
    expect(await settled(row.id)).toBe('applied');
  });

  test('a row that was applied changes nothing when it is replayed, whichever way it came', async () => {
    const byFront = await eyes.newTicket('cnv_again', 'Where is my parcel?', isOpen);
    const requester = { email: `${randomUUID()}@example.com` };
    const byApi = await desk.ask<{ id: string }>('POST', '/api/v1/tickets', {
      subject: 'Hi',
      body: 'Hello',
      requester,
    });
    await eyes.ticket(byApi.id);
    const { items } = await desk.ask<{ items: (LedgerRow & { ticketId: string })[] }>(
      'GET',
      '/api/v1/inbox?status=applied',
    );
    for (const { id } of [byFront, byApi]) {
      const row = items.find(({ ticketId }) => ticketId === id);
      // Triage and draft come in any order, and both are to be over.
      await eyes.draft(id);
      await eventually(async () => isOpen(await eyes.ticket(id)));
      const before = await eyes.timeline(id);
      expect((await replay(row?.id ?? '')).replayed).toBe(1);
      expect(await settled(row?.id ?? '')).toBe('applied');
      expect(await eyes.timeline(id)).toEqual(before);
      expect(await eyes.messages(id)).toHaveLength(1);
    }
  });
});
