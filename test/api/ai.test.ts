import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createQuimbi } from '../../integrations/quimbi.ts';
import { startQuimbiSimulator } from '../../local/simulators/quimbi.ts';
import type { RunningSimulator } from '../../local/simulators/simulator.ts';
import { controlsOf } from '../support/vendor-controls.ts';
import { addDraft, written } from './ai-rows.ts';
import { addOrganisation, scopedKey } from './scoped-keys.ts';
import { runningClock } from './setting-rows.ts';
import { startApi, type TestApi } from './support.ts';

const MINUTE = 60_000;
const apiKey = 'qpk_for_tests_0123456789';
let clock = Date.now();
let simulator: RunningSimulator;
let controls: ReturnType<typeof controlsOf>;
let api: TestApi;
let key: string;
beforeAll(async () => {
  simulator = await startQuimbiSimulator({ apiKey });
  controls = controlsOf(simulator.url);
  api = await startApi({
    now: () => clock,
    // A breaker that forgets at once: each test is about one failure.
    second: createQuimbi({ apiUrl: simulator.url, apiKey, restMs: 1 }),
  });
  ({ key } = await api.newKey('agent'));
});
afterAll(async () => {
  await api.close();
  await simulator.close();
});
beforeEach(async () => {
  await controls.fault();
  await controls.forgetCalls();
});

const get = (path: string, as = key) => api.ask('GET', `/api/v1/ai/${path}`, { key: as });
const LATE = runningClock(Date.now() - MINUTE, { breachedAt: Date.now() - MINUTE });
const late = { clocks: { firstResponse: LATE, nextResponse: null, resolution: null } };

describe('with a second engine', () => {
  test('the desk shows what it says of a customer, beside its own counts', async () => {
    const { customerId } = await written(api, late);
    const dna = await get(`customers/${customerId}/dna`);
    expect([dna.status, dna.body]).toEqual([
      200,
      {
        customerId,
        engine: 'simulator',
        archetype: 'arch_standard_occasional',
        segments: expect.arrayContaining([{ name: 'contact_frequency', value: 'occasional' }]),
        guidance: ['Keep it short.'],
        confidence: 0.8,
        tier: null,
        tickets: { total: 1, open: 1, late: 1, breached: 1, negative: 1, recently: 1, byCategory: { bug: 1 } },
        at: expect.any(String),
        missing: [],
      },
    ]);
    const churn = await get(`customers/${customerId}/churn`);
    expect(churn.body).toMatchObject({ customerId, risk: 0.8, level: 'high', engine: 'simulator', missing: [] });
    expect(churn.body.factors[0]).toEqual({ name: 'share_of_negative_tickets', impact: 'high', direction: 'raises' });
  });

  test('the desk shows what it would do next with a ticket', async () => {
    const { ticketId } = await written(api, late, 'Where is my kettle?');
    const { body } = await get(`tickets/${ticketId}/recommend`);
    expect(body).toMatchObject({ ticketId, engine: 'simulator', warnings: ['A deadline was missed.'], missing: [] });
    expect(body.actions[0].action).toBe('Answer the customer');
    const [call] = await controls.calls();
    expect(call?.body['ticket_context']).toMatchObject({
      messages: [{ from: 'customer', content: 'Where is my kettle?' }],
      late: ['firstResponse'],
    });
  });

  test('the same question is asked once in a quarter of an hour, and anew when something has changed', async () => {
    const { ticketId, customerId } = await written(api);
    const first = await get(`customers/${customerId}/churn`);
    clock += 14 * MINUTE;
    expect((await get(`customers/${customerId}/churn`)).body).toEqual(first.body);
    expect(await controls.calls()).toHaveLength(1);
    clock += 2 * MINUTE;
    const later = await get(`customers/${customerId}/churn`);
    expect(Date.parse(later.body.at) - Date.parse(first.body.at)).toBe(16 * MINUTE);
    expect(await controls.calls()).toHaveLength(2);
    await api.db.pool.query(`update tickets set status = 'resolved' where id = $1`, [ticketId]);
    await get(`customers/${customerId}/churn`);
    expect(await controls.calls()).toHaveLength(3);
    await get(`customers/${customerId}/dna`);
    expect(await controls.calls()).toHaveLength(4);
  });

  test('it is told of one customer, without name or address, and of nobody else', async () => {
    await written(api, {}, 'the words of somebody else');
    const { ticketId, customerId } = await written(api, {}, 'my own words');
    const email = `secret-${customerId}@example.com`;
    await api.db.pool.query(`update customers set name = 'Canary Name', email = $2 where id = $1`, [customerId, email]);
    for (const path of [
      `customers/${customerId}/dna`,
      `customers/${customerId}/churn`,
      `tickets/${ticketId}/recommend`,
    ]) {
      await get(path);
    }
    const told = JSON.stringify((await controls.calls()).map(({ body }) => body));
    expect(told).toContain(customerId);
    expect(told).toContain('my own words');
    for (const secret of ['Canary Name', email, 'somebody else', 'Grace']) expect(told).not.toContain(secret);
  });

  test.each([
    [{ status: 500 }, 'Quimbi answered 500.'],
    [{ status: 401 }, 'Quimbi answered 401.'],
    [{ status: 200 }, 'Quimbi gave an answer that could not be read.'],
    [{ drop: true }, 'Quimbi did not answer in time, or could not be reached.'],
    [{ delayMs: 30_000 }, 'Quimbi did not answer in time, or could not be reached.'],
  ])('that meets %j the desk answers with what it knows itself, and says what is missing', async (fault, reason) => {
    const { ticketId, customerId } = await written(api, { ...late, supportType: 'refund' });
    for (const path of [
      `customers/${customerId}/dna`,
      `customers/${customerId}/churn`,
      `tickets/${ticketId}/recommend`,
    ]) {
      await controls.fault({ ...fault, count: 1 });
      const { status, body } = await get(path);
      expect([status, body.engine, body.missing]).toEqual([
        200,
        'heuristic',
        [{ part: 'quimbi', reason: expect.stringContaining(reason) }],
      ]);
    }
    // What the desk says by itself is not kept: as soon as it answers again, it is asked.
    expect((await get(`customers/${customerId}/dna`)).body.engine).toBe('simulator');
  });

  test('what it said of somebody is forgotten with him', async () => {
    const { customerId } = await written(api);
    await get(`customers/${customerId}/dna`);
    const kept = async () =>
      (await api.db.pool.query('select from ai_advice where customer_id = $1', [customerId])).rowCount;
    expect(await kept()).toBe(1);
    await api.db.pool.query('update customers set erased_at = now() where id = $1', [customerId]);
    expect(await kept()).toBe(0);
    expect((await get(`customers/${customerId}/dna`)).status).toBe(404);
  });
});

test('without a second engine the desk answers from its own rows, and says so', async () => {
  const alone = await startApi({ db: api.db, now: () => clock });
  const { ticketId, customerId } = await written(api, { ...late, assigneeId: null });
  await api.db.pool.query(`update customers set tier = 'enterprise' where id = $1`, [customerId]);
  const ask = (path: string) => alone.ask('GET', `/api/v1/ai/${path}`, { key });
  const missing = [{ part: 'quimbi', reason: expect.stringContaining('not connected') }];
  const dna = await ask(`customers/${customerId}/dna`);
  expect(dna.body).toMatchObject({ engine: 'heuristic', archetype: null, missing });
  expect(dna.body.segments).toContainEqual({ name: 'value', value: 'vip' });
  const churn = await ask(`customers/${customerId}/churn`);
  expect(churn.body).toMatchObject({ engine: 'heuristic', level: 'critical', missing });
  const next = await ask(`tickets/${ticketId}/recommend`);
  expect(next.body.actions.map(({ action }: { action: string }) => action)).toEqual([
    'Answer now',
    'Take the ticket, or give it to somebody',
    'Bring in a senior agent',
  ]);
  expect(await controls.calls()).toEqual([]);
  await alone.close();
});

describe('somebody who sees a part of the desk', () => {
  test('is answered from the tickets that he sees, and not at all about others', async () => {
    const seen = await written(api, { supportType: 'refund' });
    const { ticketId: hidden } = await written(api, { supportType: 'bug' });
    await api.db.pool.query('update tickets set requester_id = $2 where id = $1', [hidden, seen.customerId]);
    const { key: scoped } = await scopedKey(api, 'agent', { supportTypes: ['refund'] });
    expect((await get(`customers/${seen.customerId}/dna`)).body.tickets.total).toBe(2);
    expect((await get(`customers/${seen.customerId}/dna`, scoped)).body.tickets.total).toBe(1);
    const calls = await controls.calls();
    expect(calls.map(({ body }) => Object(body['interactions']).length)).toEqual([2, 1]);
    for (const path of [`tickets/${hidden}/recommend`, `tickets/${hidden}/draft`]) {
      expect((await get(path, scoped)).status).toBe(404);
    }
    const other = await written(api);
    for (const path of ['dna', 'churn']) {
      expect((await get(`customers/${other.customerId}/${path}`, scoped)).status).toBe(404);
    }
    await controls.forgetCalls();
    const { key: byOrganisation } = await scopedKey(api, 'agent', { organisations: [await addOrganisation(api)] });
    expect((await get(`tickets/${seen.ticketId}/recommend`, byOrganisation)).status).toBe(404);
    expect(await controls.calls()).toEqual([]);
  });

  test('needs the permission', async () => {
    const { ticketId, customerId } = await written(api);
    const { key: integration } = await api.newKey('integration');
    for (const path of [
      `tickets/${ticketId}/draft`,
      `tickets/${ticketId}/recommend`,
      `customers/${customerId}/dna`,
      `customers/${customerId}/churn`,
      'acceptance',
    ]) {
      expect((await get(path, integration)).status).toBe(403);
      expect((await api.ask('GET', `/api/v1/ai/${path}`)).status).toBe(401);
    }
    expect((await get('acceptance')).status).toBe(403);
    for (const path of ['customers/nonsense/dna', 'tickets/T-999999/recommend', `tickets/${randomUUID()}/draft`]) {
      expect((await get(path)).status).toBe(404);
    }
  });
});

test('the draft that waits is shown with its engine and its confidence, or why there is none', async () => {
  const { ticketId } = await written(api);
  const none = await get(`tickets/${ticketId}/draft`);
  expect([none.status, none.body]).toEqual([
    200,
    { ticketId, draft: null, missing: [{ part: 'draft', reason: expect.stringMatching(/^No draft waits/) }] },
  ]);
  await addDraft(api, { ticketId, at: clock - MINUTE, body: 'Older' });
  const id = await addDraft(api, { ticketId, at: clock, body: 'Newer' });
  await addDraft(api, { ticketId, state: 'discard', at: clock + MINUTE });
  const { body } = await get(`tickets/${ticketId}/draft`);
  expect(body).toMatchObject({
    ticketId,
    draft: { id, body: 'Newer', engine: 'quimbi', simulated: false, confidence: 0.5, state: 'proposed' },
    missing: [],
  });
});
