import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../support/ports.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from './support.ts';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
beforeAll(async () => {
  on = await startTicketDesk();
});
afterAll(() => on.close());

const several = (count: number, over = {}) => Promise.all(Array.from({ length: count }, () => on.open(over)));
const bulk = (ids: string[], command: object, headers = {}) => on.post('/tickets/bulk', { ids, command }, headers);

describe('one step for many tickets', () => {
  test('is taken by each that can, in the order given; the others say why, and stay as they are', async () => {
    const [one, done, asks] = await several(3, { supportType: 'subscription-change' });
    if (!one || !done || !asks) throw new Error('Three tickets were to be opened.');
    await on.remove(`/tickets/${done.id}`);
    await on.patch(`/tickets/${one.id}`, { supportType: 'other' });
    const answer = await bulk([asks.id, 'T-9', one.reference, done.id], { type: 'status', status: 'resolved' });
    expect(answer.status).toBe(200);
    expect(answer.body.results).toMatchObject([
      { id: asks.id, ok: false, error: { code: 'reason_required', reasons: expect.any(Array) } },
      { id: 'T-9', ok: false, error: { code: 'not_found' } },
      { id: one.reference, ok: true },
      { id: done.id, ok: false, error: { code: 'illegal_transition', ticketStatus: 'closed', allowed: [] } },
    ]);
    const statuses = await Promise.all(
      [asks, one, done].map(async ({ id }) => (await on.get(`/tickets/${id}`)).body.status),
    );
    expect(statuses).toEqual(['open', 'resolved', 'closed']);
  });

  test('with the same key is taken once by each, also when the first answer was lost', async () => {
    const tickets = await several(12);
    const ids = tickets.map(({ id }) => id);
    const headers = idempotent();
    const first = await bulk(ids, { type: 'tags', tags: ['urgent-wave'] }, headers);
    expect(first.body.results).toEqual(ids.map((id) => ({ id, ok: true })));
    expect(
      (await bulk(ids, { type: 'tags', tags: ['urgent-wave'] }, headers)).headers.get('idempotency-replayed'),
    ).toBe('true');
    await on.desk.db.pool.query(
      `update idempotency_keys set status = null, body = null, created_at = now() - interval '31 seconds' where key = $1`,
      [headers['Idempotency-Key']],
    );
    expect((await bulk(ids, { type: 'tags', tags: ['urgent-wave'] }, headers)).body).toEqual(first.body);
    for (const id of ids) {
      expect((await on.story(id)).filter((type) => type === 'ticket.changed')).toHaveLength(1);
      expect((await on.get(`/tickets/${id}`)).body.tags).toEqual(['urgent-wave']);
    }
  });

  test('assigns, takes away, changes the priority and snoozes', async () => {
    const tickets = await several(3, { supportType: 'other' });
    const ids = tickets.map(({ id }) => id);
    const { userId } = await on.api.newKey('agent');
    await on.desk.db.pool.query('update agents set capacity = 2 where id = $1', [userId]);
    const read = async () => Promise.all(ids.map(async (id) => (await on.get(`/tickets/${id}`)).body));
    const given = (await bulk(ids, { type: 'assign', agentId: userId })).body.results;
    expect(given.filter(({ ok }: { ok: boolean }) => ok)).toHaveLength(2);
    expect(given.find(({ ok }: { ok: boolean }) => !ok).error).toMatchObject({ code: 'agent_full', agentId: userId });
    expect((await read()).filter(({ assignee }) => assignee?.id === userId)).toHaveLength(2);
    await bulk(ids, { type: 'unassign' });
    expect((await read()).map(({ assignee }) => assignee)).toEqual([null, null, null]);
    await bulk(ids, { type: 'priority', priority: 'high' });
    await bulk(ids, { type: 'snooze', until: null });
    expect(await read()).toMatchObject(ids.map(() => ({ priority: 'high', snoozed: true })));
  });

  test.each([
    [{ ids: [], command: { type: 'unassign' } }, 'ids'],
    [{ ids: Array.from({ length: 101 }, () => 'T-1'), command: { type: 'unassign' } }, 'ids'],
    [{ ids: ['T-1'], command: { type: 'erase' } }, 'command.type'],
    [{ ids: ['T-1'], command: { type: 'status' } }, 'command.status'],
    [{ ids: ['T-1'], command: { type: 'unassign', why: 'so' } }, 'command.why'],
    [{ ids: ['T-1'], command: { type: 'assign', agentId: randomUUID() } }, 'agentId'],
    [{ ids: ['T-1'], command: { type: 'snooze', until: '2020-01-01T00:00:00Z' } }, 'until'],
  ])('that does not fit is refused as a whole: %#', async (json, path) => {
    const answer = await on.post('/tickets/bulk', json);
    expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, path]);
  });

  test('while Temporal is down is promised to none, and the same request may come again', async () => {
    const [one] = await several(1);
    const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}`, connectTimeout: '1s' });
    const down = await startApi({ db: on.desk.db, client: new Client({ connection }) });
    const headers = idempotent();
    const command = { type: 'priority', priority: 'urgent' };
    const json = { ids: [one?.id], command };
    const answer = await down.ask('POST', '/api/v1/tickets/bulk', { key: on.key, json, headers });
    expect([answer.status, answer.body.code]).toEqual([503, 'workflow_unavailable']);
    await down.close();
    await connection.close();
    expect((await on.post('/tickets/bulk', json, headers)).body.results).toEqual([{ id: one?.id, ok: true }]);
  });
});
