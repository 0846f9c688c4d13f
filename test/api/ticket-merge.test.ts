import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
beforeAll(async () => {
  on = await startTicketDesk();
});
afterAll(() => on.close());

async function lose(headers: Record<string, string>): Promise<void> {
  await on.desk.db.pool.query(
    `update idempotency_keys set status = null, body = null, created_at = now() - interval '31 seconds' where key = $1`,
    [headers['Idempotency-Key']],
  );
}

describe('merging', () => {
  test('closes the one, says so on the other, and can be taken back', async () => {
    const [one, other] = [await on.open(), await on.open()];
    const headers = idempotent();
    const answer = await on.post(`/tickets/${one.id}/merge`, { into: other.reference }, headers);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, `"${answer.body.version}"`]);
    expect(answer.body).toMatchObject({ status: 'closed', mergedInto: { id: other.id, reference: other.reference } });
    expect((await on.post(`/tickets/${one.id}/merge`, { into: other.reference }, headers)).body).toEqual(answer.body);
    await vi.waitUntil(async () => (await on.story(other.id)).includes('ticket.absorbed'), { timeout: 20_000 });
    const reply = await on.post(`/tickets/${one.id}/messages`, { body: 'Which one?' });
    expect(reply.body).toMatchObject({ status: 409, code: 'ticket_merged', into: other.id });

    const back = await on.post(`/tickets/${one.id}/unmerge`);
    expect([back.status, back.body.status, back.body.mergedInto]).toEqual([200, 'open', null]);
    await vi.waitUntil(async () => (await on.story(other.id)).includes('ticket.released'), { timeout: 20_000 });
    const twice = await on.post(`/tickets/${one.id}/unmerge`);
    expect([twice.status, twice.body.code]).toEqual([409, 'not_merged']);
  });

  test('into itself, into one that is closed, of one that is done, and into none is refused and changes nothing', async () => {
    const [one, closed] = [await on.open({ supportType: 'other' }), await on.open()];
    await on.remove(`/tickets/${closed.id}`);
    const { version } = (await on.get(`/tickets/${one.id}`)).body;
    const merge = (into: string) => on.post(`/tickets/${one.id}/merge`, { into });
    expect((await merge(one.id)).body).toMatchObject({ status: 409, code: 'merge_refused' });
    expect((await merge(closed.id)).body).toMatchObject({ status: 409, code: 'merge_refused', into: closed.id });
    const none = await merge('T-9');
    expect([none.status, none.body.errors[0]]).toEqual([
      422,
      { path: 'into', message: 'names no ticket ("T-9"); give an id or a reference like T-1234' },
    ]);
    expect((await on.get(`/tickets/${one.id}`)).body.version).toBe(version);
    await on.post(`/tickets/${one.id}/status`, { status: 'resolved' });
    expect((await merge((await on.open()).id)).body).toMatchObject({
      code: 'illegal_transition',
      ticketStatus: 'resolved',
    });
    const late = await on.post(`/tickets/${one.id}/merge`, { into: closed.id }, { 'If-Match': '"1"' });
    expect(late.status).toBe(412);
  });
});

describe('a follow-up', () => {
  test('of a closed ticket is a new one of the same requester that names it, once for one key', async () => {
    const one = await on.open();
    await on.remove(`/tickets/${one.id}`);
    const before = (await on.get(`/tickets/${one.id}`)).body;
    const headers = idempotent();
    const json = { subject: 'It came back', body: 'The parcel is lost again.' };
    const answer = await on.post(`/tickets/${one.reference}/follow-up`, json, headers);
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/v1/tickets/${answer.body.id}`]);
    expect(answer.body).toMatchObject({ subject: 'It came back', requester: before.requester });
    expect((await on.event(answer.body.id, 'ticket.created')).data).toMatchObject({ followUpOf: one.id });
    await lose(headers);
    expect((await on.post(`/tickets/${one.reference}/follow-up`, json, headers)).body.id).toBe(answer.body.id);
  });

  test('of a ticket that goes on, or that went into another, is refused and says where to go on', async () => {
    const [one, other] = [await on.open(), await on.open()];
    const json = { subject: 'Again', body: 'Again' };
    const open = await on.post(`/tickets/${one.id}/follow-up`, json);
    expect(open.body).toMatchObject({ status: 409, code: 'illegal_transition', ticketStatus: 'open' });
    await on.post(`/tickets/${one.id}/merge`, { into: other.id });
    const merged = await on.post(`/tickets/${one.id}/follow-up`, json);
    expect(merged.body).toMatchObject({ status: 409, code: 'ticket_merged', into: other.id });
    expect((await on.post('/tickets/T-9/follow-up', json)).status).toBe(404);
    expect((await on.post(`/tickets/${one.id}/follow-up`, { subject: 'Again' })).status).toBe(422);
  });
});

describe('splitting', () => {
  /** A ticket with three messages of its customer. */
  async function conversation() {
    const one = await on.open();
    const written = Date.parse((await on.get(`/tickets/${one.id}`)).body.createdAt);
    const { requester } = (await on.get(`/tickets/${one.id}`)).body;
    for (const [n, body] of ['And the invoice?', 'And the colour?'].entries()) {
      const message = await on.desk.words('', body, { customerId: requester.id, writtenAt: written + 1 + n });
      await on.desk.tickets.deliver({ ticketId: one.id, number: 0 }, message);
    }
    const items = await vi.waitUntil(async () => {
      const { body } = await on.get(`/tickets/${one.id}/messages`);
      return body.items.length === 3 ? body.items : undefined;
    });
    return { ...one, requester, messages: items.map(({ id }: { id: string }) => id) };
  }

  test('opens a ticket with copies of the messages, and both tell of each other, once for one key', async () => {
    const { id, messages } = await conversation();
    const headers = idempotent();
    const json = { messageIds: [messages[2], messages[1]], subject: 'The rest' };
    const answer = await on.post(`/tickets/${id}/split`, json, headers);
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/v1/tickets/${answer.body.id}`]);
    expect(answer.body.subject).toBe('The rest');
    const copies = (await on.get(`/tickets/${answer.body.id}/messages`)).body.items;
    expect(copies.map(({ body }: { body: string }) => body)).toEqual(['And the invoice?', 'And the colour?']);
    const originals = (await on.get(`/tickets/${id}/messages`)).body.items;
    expect(originals).toHaveLength(3);
    expect(copies.map((one: { createdAt: string }) => one.createdAt)).toEqual(
      originals.slice(1).map((one: { createdAt: string }) => one.createdAt),
    );
    expect((await on.event(answer.body.id, 'ticket.created')).data).toMatchObject({ splitFrom: id });
    expect((await on.event(id, 'ticket.split')).data).toEqual({ into: answer.body.id, messageIds: json.messageIds });
    await lose(headers);
    expect((await on.post(`/tickets/${id}/split`, json, headers)).body.id).toBe(answer.body.id);
    expect((await on.get(`/tickets/${answer.body.id}/messages`)).body.items).toHaveLength(2);
    expect((await on.story(id)).filter((type) => type === 'ticket.split')).toHaveLength(1);
  });

  test('by what is no message of the customer, or of a closed ticket, is refused and opens nothing', async () => {
    const [{ id, messages }, other] = [await conversation(), await conversation()];
    const note = (await on.post(`/tickets/${id}/notes`, { body: 'For us' })).body.id;
    const { rows: before } = await on.desk.db.pool.query('select id from tickets');
    for (const messageIds of [[], ['x'], [note], [messages[0], other.messages[0]], [randomUUID()]]) {
      const answer = await on.post(`/tickets/${id}/split`, { messageIds, subject: 'The rest' });
      expect([answer.status, answer.body.errors[0].path.split('.')[0]]).toEqual([422, 'messageIds']);
    }
    await on.remove(`/tickets/${id}`);
    const closed = await on.post(`/tickets/${id}/split`, { messageIds: messages, subject: 'The rest' });
    expect([closed.status, closed.body.code]).toEqual([409, 'ticket_closed']);
    const { rows: after } = await on.desk.db.pool.query('select id from tickets');
    expect(after).toHaveLength(before.length);
  });
});

describe('links', () => {
  test('stand on both tickets, are told by both, and are taken away from both', async () => {
    const [one, other] = [await on.open(), await on.open()];
    const json = { ticket: other.reference, kind: 'related' };
    const answer = await on.post(`/tickets/${one.id}/links`, json);
    expect(answer.body.links).toEqual([{ id: other.id, reference: other.reference, kind: 'related' }]);
    const { links } = (await on.get(`/tickets/${other.id}`)).body;
    expect(links).toEqual([{ id: one.id, reference: one.reference, kind: 'related' }]);
    await on.post(`/tickets/${one.id}/links`, json);
    expect((await on.story(one.id)).filter((type) => type === 'ticket.linked')).toHaveLength(1);

    const wrong = await on.remove(`/tickets/${one.id}/links/${other.id}?kind=blocks`);
    expect([wrong.status, wrong.body.code]).toEqual([404, 'not_found']);
    const away = await on.remove(`/tickets/${one.id}/links/${other.reference}?kind=related`);
    expect([away.status, away.body.links]).toEqual([200, []]);
    expect((await on.get(`/tickets/${other.id}`)).body.links).toEqual([]);
    expect(await on.story(other.id)).toContain('ticket.unlinked');
  });

  test('with a closed ticket stand on the one that goes on', async () => {
    const [one, closed] = [await on.open(), await on.open()];
    await on.remove(`/tickets/${closed.id}`);
    const answer = await on.post(`/tickets/${one.id}/links`, { ticket: closed.id, kind: 'duplicate' });
    expect(answer.body.links).toMatchObject([{ id: closed.id, kind: 'duplicate' }]);
    const other = await on.post(`/tickets/${closed.id}/links`, { ticket: one.id, kind: 'blocks' });
    expect([other.status, other.body.code]).toEqual([409, 'ticket_closed']);
    expect((await on.get(`/tickets/${one.id}`)).body.links).toHaveLength(1);
  });

  test('with itself, with none, and of an unknown kind are refused', async () => {
    const one = await on.open();
    for (const [json, path] of [
      [{ ticket: one.id, kind: 'related' }, 'ticket'],
      [{ ticket: 'T-9', kind: 'related' }, 'ticket'],
      [{ ticket: 'T-9', kind: 'friends' }, 'kind'],
    ] as const) {
      const answer = await on.post(`/tickets/${one.id}/links`, json);
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    }
    expect((await on.remove(`/tickets/${one.id}/links/T-9?kind=related`)).status).toBe(404);
    expect((await on.remove(`/tickets/${one.id}/links/T-9`)).status).toBe(422);
  });
});
