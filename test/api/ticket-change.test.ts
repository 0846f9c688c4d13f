import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
beforeAll(async () => {
  on = await startTicketDesk();
});
afterAll(() => on.close());

describe('changing a ticket', () => {
  test('changes what is given and leaves the rest; the deadlines follow, and the timeline says what was changed', async () => {
    const { id } = await on.open({ priority: 'low', tags: ['first'] });
    const before = (await on.get(`/tickets/${id}`)).body;
    const answer = await on.patch(`/tickets/${id}`, {
      subject: 'Another subject',
      priority: 'urgent',
      severity: 'sev1',
      team: 'billing',
      tags: ['zeta', 'alpha', 'zeta'],
    });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, `"${answer.body.version}"`]);
    expect(answer.body).toMatchObject({
      subject: 'Another subject',
      priority: 'urgent',
      severity: 'sev1',
      team: 'billing',
      tags: ['alpha', 'zeta'],
      supportType: before.supportType,
      status: 'open',
    });
    expect((await on.event(id, 'ticket.changed')).data).toMatchObject({
      subject: 'Another subject',
      priority: 'urgent',
    });
    await vi.waitUntil(async () => (await on.story(id)).includes('sla.policyApplied'), { timeout: 20_000 });
    const { body: after } = await on.get(`/tickets/${id}`);
    expect(Date.parse(after.sla.firstResponse.dueAt)).toBeLessThan(Date.parse(before.sla.firstResponse.dueAt));
  });

  test('merges custom fields with those it has, and null takes one away', async () => {
    const { id } = await on.open({ supportType: 'onboarding', customFields: { seats: 3, plan: 'starter' } });
    const added = await on.patch(`/tickets/${id}`, { customFields: { goLive: '2026-12-01' } });
    expect(added.body.customFields).toEqual({ seats: 3, plan: 'starter', goLive: '2026-12-01' });
    const taken = await on.patch(`/tickets/${id}`, { customFields: { seats: null, plan: 'business' } });
    expect(taken.body.customFields).toEqual({ plan: 'business', goLive: '2026-12-01' });
    expect((await on.event(id, 'ticket.changed')).data).toEqual({
      customFields: { plan: 'business', goLive: '2026-12-01' },
    });
  });

  test('to another type lets the fields go that its form does not know', async () => {
    const { id } = await on.open({ supportType: 'onboarding', customFields: { seats: 3 } });
    const answer = await on.patch(`/tickets/${id}`, { supportType: 'feedback', customFields: { score: 9 } });
    expect(answer.body).toMatchObject({ supportType: 'feedback', customFields: { score: 9 } });
  });

  test.each([
    [{}, '', 'at least one field'],
    [{ status: 'closed' }, 'status', 'not known'],
    [{ priority: 'asap' }, 'priority', 'low, normal, high, urgent'],
    [{ team: 'nobody' }, 'team', 'must be one of the teams: billing'],
    [{ supportType: 'nothing' }, 'supportType', 'must be one of the support types'],
    [{ customFields: { seats: 'three' } }, 'customFields.seats', 'must be a number'],
    [{ customFields: { colour: 'red' } }, 'customFields.colour', 'is not known here'],
    [{ tags: ['Not A Tag'] }, 'tags.0', 'small letters'],
    [{ tags: Array.from({ length: 51 }, (_, n) => `t${n}`) }, 'tags', 'must hold at most 50 items'],
  ])('%j is refused, names the field %s, and changes nothing', async (json, path, message) => {
    const { id } = await on.open({ supportType: 'onboarding' });
    const before = (await on.get(`/tickets/${id}`)).body.version;
    const answer = await on.patch(`/tickets/${id}`, json);
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request']);
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toContain(message);
    expect((await on.get(`/tickets/${id}`)).body.version).toBe(before);
  });

  test('with the same key is done once; with an older version it is 412; without a ticket it is 404', async () => {
    const { id } = await on.open();
    const headers = idempotent();
    const first = await on.patch(`/tickets/${id}`, { tags: ['once'] }, headers);
    const again = await on.patch(`/tickets/${id}`, { tags: ['once'] }, headers);
    expect(again.body).toEqual(first.body);
    expect((await on.story(id)).filter((type) => type === 'ticket.changed')).toHaveLength(1);
    const late = await on.patch(`/tickets/${id}`, { tags: ['late'] }, { 'If-Match': '"1"' });
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);
    expect((await on.patch('/tickets/T-9', { tags: ['none'] })).status).toBe(404);
  });

  test('of a closed ticket is refused, and its words are not kept', async () => {
    const { id } = await on.open({ supportType: 'onboarding' });
    await on.remove(`/tickets/${id}`);
    const answer = await on.patch(`/tickets/${id}`, { subject: 'canary of a change', customFields: { seats: 77_001 } });
    expect([answer.status, answer.body.code]).toEqual([409, 'ticket_closed']);
    const { rows } = await on.desk.db.pool.query(
      `select from texts where body like '%canary of a%' or body like '%77001%'`,
    );
    expect(rows).toHaveLength(0);
  });
});

describe('notes', () => {
  test('stand among the messages as internal, by who wrote them, and are listed by themselves', async () => {
    const { id } = await on.open();
    const headers = idempotent();
    const answer = await on.post(`/tickets/${id}/notes`, { body: 'She called as well.' }, headers);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      direction: 'internal',
      body: 'She called as well.',
      author: { id: on.userId },
    });
    expect((await on.get((answer.headers.get('location') ?? '').replace('/api/v1', ''))).body).toEqual(answer.body);
    expect((await on.post(`/tickets/${id}/notes`, { body: 'She called as well.' }, headers)).body).toEqual(answer.body);
    const second = await on.post(`/tickets/${id}/notes`, { body: 'And again.' });
    const page = await on.get(`/tickets/${id}/notes?limit=1`);
    expect(page.body.items).toEqual([answer.body]);
    const rest = await on.get(`/tickets/${id}/notes?limit=1&cursor=${page.body.nextCursor}`);
    expect(rest.body).toEqual({ items: [second.body], nextCursor: null });
    expect((await on.get(`/tickets/${id}/messages`)).body.items).toHaveLength(3);
  });

  test('are refused when they are blank, when the ticket is closed, and where there is none', async () => {
    const { id } = await on.open();
    expect((await on.post(`/tickets/${id}/notes`, { body: '  ' })).status).toBe(422);
    expect((await on.post('/tickets/T-9/notes', { body: 'Hello' })).status).toBe(404);
    await on.remove(`/tickets/${id}`);
    expect((await on.post(`/tickets/${id}/notes`, { body: 'Late' })).body.code).toBe('ticket_closed');
  });
});

describe('snoozing', () => {
  test('puts the ticket aside until the instant, a person takes it up again, and both are told', async () => {
    const { id } = await on.open();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await on.post(`/tickets/${id}/snooze`, { until });
    expect(answer.body).toMatchObject({ snoozed: true, snoozedUntil: until });
    expect((await on.event(id, 'ticket.snoozed')).data).toEqual({ until });
    const awake = await on.post(`/tickets/${id}/unsnooze`);
    expect([awake.status, awake.body.snoozed]).toEqual([200, false]);
    const twice = await on.post(`/tickets/${id}/unsnooze`);
    expect([twice.status, twice.body.code]).toEqual([409, 'not_snoozed']);
  });

  test('until the next message has no end of its own', async () => {
    const { id } = await on.open();
    const answer = await on.post(`/tickets/${id}/snooze`, { until: null });
    expect(answer.body).toMatchObject({ snoozed: true, snoozedUntil: null });
  });

  test.each([
    [{ until: '2020-01-01T00:00:00Z' }, 'must lie in the future'],
    [{ until: '2999-01-01T00:00:00Z' }, 'within a year'],
    [{ until: 'tomorrow' }, 'must be an instant'],
    [{}, 'must be an instant'],
  ])('%j is refused', async (json, message) => {
    const { id } = await on.open();
    const answer = await on.post(`/tickets/${id}/snooze`, json);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'until']);
    expect(answer.body.detail).toContain(message);
  });

  test('of a resolved ticket is refused and names its status', async () => {
    const { id } = await on.open({ supportType: 'onboarding' });
    await on.post(`/tickets/${id}/status`, { status: 'resolved' });
    const answer = await on.post(`/tickets/${id}/snooze`, { until: null });
    expect(answer.body).toMatchObject({ code: 'illegal_transition', ticketStatus: 'resolved' });
  });
});
