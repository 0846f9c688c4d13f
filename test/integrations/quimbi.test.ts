import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CustomerFacts, TicketFacts } from '../../integrations/advisor.ts';
import { createQuimbi, type Quimbi } from '../../integrations/quimbi.ts';
import { VendorError } from '../../integrations/vendor-error.ts';
import { quimbiSignature, startQuimbiSimulator } from '../../local/simulators/quimbi.ts';
import type { RunningSimulator } from '../../local/simulators/simulator.ts';
import { controlsOf } from '../support/vendor-controls.ts';

const apiKey = 'qpk_for_tests_0123456789';
let simulator: RunningSimulator;
let controls: ReturnType<typeof controlsOf>;
let quimbi: Quimbi;
beforeAll(async () => {
  simulator = await startQuimbiSimulator({ apiKey });
  controls = controlsOf(simulator.url);
});
afterAll(() => simulator.close());
beforeEach(async () => {
  quimbi = createQuimbi({ apiUrl: `${simulator.url}/`, apiKey });
  await controls.fault();
  await controls.forgetCalls();
});

const SINCE = Date.UTC(2025, 0, 1);
const CUSTOMER: CustomerFacts = {
  id: '018f0000-0000-7000-8000-000000000001',
  tier: 'enterprise',
  since: SINCE,
  tickets: { total: 4, open: 1, late: 1, breached: 2, negative: 2, recently: 3, byCategory: { bug: 3, billing: 1 } },
  recent: [{ at: SINCE, channel: 'front', status: 'open', category: 'bug', sentiment: 'negative' }],
};
const CONVERSATION = {
  subject: 'It broke',
  messages: [
    { from: 'customer' as const, body: 'It broke again.' },
    { from: 'desk' as const, body: 'Which one?' },
    { from: 'customer' as const, body: 'The red one.' },
  ],
};
const TICKET: TicketFacts = {
  id: '018f0000-0000-7000-8000-000000000002',
  status: 'open',
  priority: 'high',
  severity: null,
  category: 'bug',
  sentiment: 'negative',
  channel: 'front',
  assigned: true,
  late: ['firstResponse'],
  atRisk: [],
  draftWaits: false,
  conversation: CONVERSATION,
  customer: CUSTOMER,
};

async function failure(work: Promise<unknown>): Promise<VendorError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VendorError)) throw new Error('The call did not end in a VendorError.', { cause: error });
  return error;
}

describe('each of the four calls', () => {
  test('is made with the key in its own header, and its answer is read', async () => {
    expect(await quimbi.analyze(CUSTOMER)).toEqual({
      engine: 'simulator',
      archetype: 'arch_premium_occasional',
      segments: [
        { name: 'purchase_value', value: 'premium' },
        { name: 'contact_frequency', value: 'occasional' },
      ],
      guidance: ['Offer a call.'],
      confidence: 0.8,
    });
    expect(await quimbi.churn(CUSTOMER)).toMatchObject({
      engine: 'simulator',
      risk: 0.55,
      level: 'high',
      factors: [
        { name: 'share_of_negative_tickets', impact: 'high', raises: true },
        { name: 'contact', raises: false },
      ],
    });
    expect(await quimbi.recommend(TICKET)).toMatchObject({
      actions: [{ action: 'Answer the customer' }, { action: 'Offer something for the trouble' }],
      warnings: ['A deadline was missed.'],
      talkingPoints: ['Say when they will hear from you again.'],
    });
    const draft = await quimbi.draft(CONVERSATION, new AbortController().signal);
    expect(draft).toMatchObject({ engine: 'simulator', confidence: 0.5 });
    expect(draft.body).toContain('2 messages');
    expect(draft.body).toContain(quimbiSignature);

    const calls = await controls.calls();
    expect(calls.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'POST /api/ml/customer/analyze 200',
      'POST /api/ml/churn/predict 200',
      'POST /api/ml/recommend/actions 200',
      'POST /api/ml/generate/draft 200',
    ]);
    // The log of calls keeps no credential.
    expect(calls.every(({ headers }) => headers['x-api-key'] === '[redacted]')).toBe(true);
    expect(calls[2]?.body).toMatchObject({
      ticket_context: { messages: [{ from: 'customer' }, { from: 'agent' }, { from: 'customer' }] },
      customer_profile: { customer_id: CUSTOMER.id, tier: 'enterprise' },
    });
  });

  test.each([
    [{ status: 500 }, 'Quimbi answered 500.', true],
    [{ status: 429 }, 'Quimbi answered 429.', true],
    [{ status: 404 }, 'Quimbi answered 404.', false],
    [{ drop: true }, 'Quimbi did not answer in time, or could not be reached.', true],
  ])('that meets %j ends in a sentence, and is not tried again', async (fault, message, retryable) => {
    await controls.fault({ ...fault, count: 10 });
    expect(await failure(quimbi.churn(CUSTOMER))).toMatchObject({ message, retryable, service: 'Quimbi' });
    expect(await controls.calls()).toHaveLength(1);
  });

  test('that takes longer than five seconds is given up', async () => {
    await controls.fault({ delayMs: 60_000 });
    const before = performance.now();
    expect((await failure(quimbi.churn(CUSTOMER))).message).toContain('did not answer in time');
    expect(performance.now() - before).toBeLessThan(8_000);
  });

  test('that its caller cancels ends with the caller’s own reason', async () => {
    await controls.fault({ delayMs: 60_000 });
    const mine = new Error('nobody wants it any more');
    const controller = new AbortController();
    const call = quimbi.draft(CONVERSATION, controller.signal);
    controller.abort(mine);
    await expect(call).rejects.toBe(mine);
  });

  test('with a wrong key is refused, and the key is in no word of it', async () => {
    const wrong = 'qpk_wrong_and_secret_0123';
    const error = await failure(createQuimbi({ apiUrl: simulator.url, apiKey: wrong }).churn(CUSTOMER));
    expect(error).toMatchObject({ status: 401, retryable: false });
    expect(`${error.message} ${error.reason} ${error.stack}`).not.toContain(wrong);
  });
});

describe('after five failures in a row', () => {
  test('it is left alone, then asked once, and by that answer asked again or not', async () => {
    const restMs = 150;
    const tired = createQuimbi({ apiUrl: simulator.url, apiKey, restMs });
    await controls.fault({ status: 503, count: 6 });
    for (let n = 0; n < 5; n += 1) await failure(tired.churn(CUSTOMER));
    expect(tired.breaker.state()).toBe('open');
    expect((await failure(tired.analyze(CUSTOMER))).message).toMatch(/left alone for a while/);
    expect(await controls.calls()).toHaveLength(5);

    // The sixth failure is that of the one call that is tried.
    const asked = async () => {
      await tired.churn(CUSTOMER).catch((error: unknown) => expect(error).toBeInstanceOf(VendorError));
      return (await controls.calls()).length;
    };
    await vi.waitUntil(async () => (await asked()) === 6, { timeout: 5_000, interval: 20 });
    expect((await failure(tired.churn(CUSTOMER))).message).toMatch(/left alone/);
    await vi.waitUntil(async () => (await asked()) === 7, { timeout: 5_000, interval: 20 });
    expect(tired.breaker.state()).toBe('closed');
    expect((await tired.churn(CUSTOMER)).risk).toBeGreaterThan(0);
  });

  test('a success in between begins the count anew', async () => {
    for (let n = 0; n < 3; n += 1) {
      await controls.fault({ status: 500, count: 4 });
      for (let failed = 0; failed < 4; failed += 1) await failure(quimbi.churn(CUSTOMER));
      await quimbi.churn(CUSTOMER);
    }
    expect(quimbi.breaker.state()).toBe('closed');
  });
});

describe('an answer', () => {
  let answer: unknown;
  const server = createServer((_request, response) => {
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  let other: Quimbi;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
    other = createQuimbi({ apiUrl: `http://127.0.0.1:${address.port}`, apiKey, restMs: 1 });
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  afterEach(() => {
    answer = undefined;
  });

  test.each(['no JSON', '', {}, { churn_risk_score: 'high' }, { churn_risk_score: null }, [1]])(
    'like %j cannot be read, and is told as that',
    async (given) => {
      answer = given;
      expect((await failure(other.churn(CUSTOMER))).message).toBe('Quimbi gave an answer that could not be read.');
    },
  );

  test('is cut to what can be used of it', async () => {
    answer = {
      churn_risk_score: 7,
      risk_level: 'catastrophic',
      factors: [null, { factor: '' }, { factor: 'x'.repeat(10_000), impact: 'enormous' }, 3],
      recommendations: ['a\u0000b', 7, ...Array.from({ length: 100 }, () => 'more')],
    };
    const churn = await other.churn(CUSTOMER);
    expect(churn).toMatchObject({ engine: 'quimbi', risk: 1, level: 'critical' });
    expect(churn.factors).toEqual([{ name: 'x'.repeat(500), impact: 'medium', raises: true }]);
    expect(churn.recommendations).toHaveLength(20);
    expect(churn.recommendations[0]).toBe('ab');
  });

  test('may word its archetype and its actions in either way', async () => {
    answer = { archetype: { id: 'arch_loyal', segments: { cadence: 'regular', orders: 12, odd: {} } } };
    expect(await other.analyze(CUSTOMER)).toMatchObject({
      archetype: 'arch_loyal',
      segments: [
        { name: 'cadence', value: 'regular' },
        { name: 'orders', value: '12' },
      ],
      guidance: [],
      confidence: null,
    });
    answer = { recommended_actions: ['Call them', { action: 'Write', priority: 1 }] };
    expect((await other.recommend(TICKET)).actions).toEqual([
      { action: 'Write', reason: null },
      { action: 'Call them', reason: null },
    ]);
    answer = { recommended_actions: [] };
    expect((await failure(other.recommend(TICKET))).retryable).toBe(true);
  });
});

test('of a long conversation the newest end is told', async () => {
  const messages = Array.from({ length: 20 }, (_, n) => ({ from: 'customer' as const, body: `${n}`.repeat(3_000) }));
  await quimbi.draft({ subject: 's'.repeat(10_000), messages }, new AbortController().signal);
  const [call] = await controls.calls();
  const told = JSON.stringify(call?.body);
  expect(told.length).toBeLessThan(30_000);
  expect(told).toContain('19'.repeat(3_000));
  expect(told).not.toContain('00000');
});
