import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
beforeAll(async () => {
  on = await startTicketDesk();
});
afterAll(() => on.close());

describe('resolving a ticket whose type asks for a reason', () => {
  test('takes one of the reasons of the type, and the timeline tells it', async () => {
    const { id } = await on.open({ supportType: 'subscription-change' });
    const { version } = (await on.get(`/tickets/${id}`)).body;
    for (const reason of [undefined, 'Because']) {
      const answer = await on.post(`/tickets/${id}/status`, { status: 'resolved', reason });
      expect([answer.status, answer.body.code]).toEqual([422, 'reason_required']);
      expect(answer.body.errors[0].path).toBe('reason');
      expect(answer.body.detail).toContain(`"reason" must be one of ${answer.body.reasons.join(', ')}.`);
    }
    expect((await on.get(`/tickets/${id}`)).body.version).toBe(version);
    const refused = await on.post(`/tickets/${id}/status`, { status: 'resolved' });
    const [reason] = refused.body.reasons;
    const answer = await on.post(`/tickets/${id}/status`, { status: 'resolved', reason });
    expect([answer.status, answer.body.status]).toEqual([200, 'resolved']);
    expect((await on.event(id, 'ticket.resolved')).data).toEqual({ from: 'open', reason });
  });

  test('that is resolved already is an illegal step, whatever the reason', async () => {
    const { id } = await on.open({ supportType: 'subscription-change' });
    await on.remove(`/tickets/${id}`);
    const answer = await on.post(`/tickets/${id}/status`, { status: 'resolved' });
    expect(answer.body).toMatchObject({ status: 409, code: 'illegal_transition', ticketStatus: 'closed', allowed: [] });
  });
});

describe('deleting a ticket', () => {
  test('closes it and erases nothing; once more answers the same', async () => {
    const { id } = await on.open();
    const answer = await on.remove(`/tickets/${id}`);
    expect([answer.status, answer.body.status]).toEqual([200, 'closed']);
    expect(answer.headers.get('etag')).toBe(`"${answer.body.version}"`);
    const again = await on.remove(`/tickets/${id}`);
    expect([again.status, again.body.version]).toEqual([200, answer.body.version]);
    expect((await on.get(`/tickets/${id}/messages`)).body.items).toHaveLength(1);
  });

  test('by two at once closes it once', async () => {
    const { id } = await on.open();
    const answers = await Promise.all([on.remove(`/tickets/${id}`), on.remove(`/tickets/${id}`)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await on.story(id)).filter((type) => type === 'ticket.closed')).toHaveLength(1);
  });

  test('is refused at an older version, without a ticket, and while a reply waits', async () => {
    const { id } = await on.open();
    expect((await on.remove(`/tickets/${id}`, { 'If-Match': '"1"' })).status).toBe(412);
    expect((await on.remove('/tickets/T-9')).status).toBe(404);
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    await on.post(`/tickets/${id}/messages`, { body: 'Tomorrow', sendAt });
    const answer = await on.remove(`/tickets/${id}`);
    expect(answer.body).toMatchObject({ status: 409, code: 'illegal_transition', ticketStatus: 'open' });
  });
});

describe('taking a reply back', () => {
  test('while it waits leaves it undone, and it is not sent', async () => {
    const { id } = await on.open();
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body: message } = await on.post(`/tickets/${id}/messages`, { body: 'Tomorrow', sendAt });
    expect(message).toMatchObject({ state: 'scheduled', sendAt, sentAt: null });
    expect((await on.event(id, 'message.scheduled')).data).toMatchObject({ sendAt });
    const headers = idempotent();
    const answer = await on.post(`/tickets/${id}/messages/${message.id}/undo`, undefined, headers);
    expect([answer.status, answer.body.state]).toEqual([200, 'undone']);
    expect((await on.post(`/tickets/${id}/messages/${message.id}/undo`, undefined, headers)).body).toEqual(answer.body);
    const twice = await on.post(`/tickets/${id}/messages/${message.id}/undo`);
    expect(twice.body).toMatchObject({ status: 409, code: 'too_late', messageId: message.id });
    expect((await on.remove(`/tickets/${id}`)).status).toBe(200);
  });

  test('that is sent, or of another ticket, is refused', async () => {
    const [{ id }, other] = [await on.open(), await on.open()];
    const { body: message } = await on.post(`/tickets/${id}/messages`, { body: 'At once' });
    const path = `/tickets/${id}/messages/${message.id}`;
    await vi.waitUntil(async () => (await on.get(path)).body.state === 'sent', { timeout: 20_000 });
    expect((await on.post(`${path}/undo`)).body.code).toBe('too_late');
    expect((await on.post(`/tickets/${other.id}/messages/${message.id}/undo`)).status).toBe(404);
    expect((await on.post(`/tickets/${id}/messages/x/undo`)).status).toBe(404);
  });
});
