import { Client, Connection } from '@temporalio/client';
import { freePort } from '../support/ports.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameCommand } from '../../api/command.ts';
import { addTickets } from './rows.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;
let userId: string;
beforeAll(async () => {
  // Not closed in the end: the client tries on for a while after its caller has given up, and must find it open.
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}`, connectTimeout: '1s' });
  api = await startApi({ client: new Client({ connection }) });
  ({ key, userId } = await api.newKey('admin'));
});
afterAll(async () => {
  await api.close();
  await api.db.close();
});

// Each waits for what does not come, so they wait together.
describe.concurrent('while Temporal is down', () => {
  test('a ticket is not promised, and its row waits for the relay; the same request may come again at once', async () => {
    const json = { subject: 'Hello', body: 'A question', requester: { email: 'ada@example.com' } };
    const ask = () => api.ask('POST', '/api/v1/tickets', { key, json, headers: { 'Idempotency-Key': 'outage-1' } });
    const first = await ask();
    expect([first.status, first.body.code]).toEqual([503, 'workflow_unavailable']);
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask()).status).toBe(503);
    const { rows } = await api.db.pool.query(
      `select state, due_at > received_at + interval '29 seconds' as later from inbox`,
    );
    expect(rows).toEqual([{ state: 'received', later: true }]);
    const changed = await api.ask('POST', '/api/v1/tickets', {
      key,
      json: { ...json, subject: 'Other' },
      headers: { 'Idempotency-Key': 'outage-1' },
    });
    expect(changed.body.code).toBe('idempotency_mismatch');
  });

  test('a reply is not promised either, and its words are kept for the repeat', async () => {
    await addTickets(api.db, 1);
    const answer = await api.ask('POST', '/api/v1/tickets/T-1/messages', { key, json: { body: 'Not yet' } });
    expect([answer.status, answer.body.code]).toEqual([503, 'workflow_unavailable']);
    const { rows } = await api.db.pool.query(`select from texts where body = 'Not yet'`);
    expect(rows).toHaveLength(1);
    const { body } = await api.ask('GET', '/api/v1/tickets/T-1/workflow', { key });
    expect(body).toMatchObject({ runId: null, workflowId: expect.stringMatching(/^ticket-/) });
  });

  test('a step that was taken before the answer was lost is answered as taken', async () => {
    await addTickets(api.db, 1, { from: 2 });
    const { id } = nameCommand(userId, 'outage-2');
    await api.db.pool.query(`update tickets set state = jsonb_set(state, '{applied}', $1) where number = 2`, [
      JSON.stringify([id]),
    ]);
    const headers = { 'Idempotency-Key': 'outage-2' };
    const answer = await api.ask('POST', '/api/v1/tickets/T-2/status', { key, json: { status: 'pending' }, headers });
    expect(answer.status).toBe(200);
  });

  test('the process lives and is not ready', async () => {
    expect((await api.ask('GET', '/livez')).status).toBe(200);
    const ready = await api.ask('GET', '/readyz');
    expect([ready.status, ready.body]).toEqual([
      503,
      { status: 'not_ready', checks: { database: 'ok', temporal: 'unreachable' } },
    ]);
  });
});

test('what waits meanwhile is shown in the inbox', async () => {
  const { body } = await api.ask('GET', '/api/v1/inbox?status=received&source=api', { key });
  expect(body).toMatchObject({ backlog: 1, nextCursor: null, items: [{ kind: 'ticket', status: 'received' }] });
  expect(body.items[0]).not.toHaveProperty('body');
  const one = await api.ask('GET', `/api/v1/inbox/${body.items[0].id}`, { key });
  expect(JSON.parse(one.body.body)).toMatchObject({ subject: 'Hello' });
  expect((await api.ask('GET', '/api/v1/inbox/0', { key })).status).toBe(404);
  expect((await api.ask('GET', '/api/v1/inbox/99999999999999999999', { key })).status).toBe(404);
});
