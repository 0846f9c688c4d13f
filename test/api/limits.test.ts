import { createHmac, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { allowanceOf } from '../../api/client-address.ts';
import { createLoad, type Strain } from '../../api/load.ts';
import { calm, slowDelivery, slowSender } from './slow-sender.ts';
import { FRONT, type Parts, startApi, type TestApi } from './support.ts';

const opened: TestApi[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});

async function start(parts: Parts = {}): Promise<TestApi> {
  const api = await startApi(parts);
  opened.push(api);
  return api;
}

describe('a caller', () => {
  test('is told his allowance on every answer, is refused beyond it, and may go on when the minute is over', async () => {
    let at = Date.UTC(2026, 10, 20);
    const api = await start({ now: () => at, rates: { perPrincipal: 3, perAddress: 100 } });
    const [{ key }, other] = [await api.newKey('lead'), await api.newKey('agent')];
    const left: (string | null)[] = [];
    for (const path of ['/api/v1/tickets', '/api/v1/tickets/T-999', '/api/v1/tickets?limit=x']) {
      left.push((await api.ask('GET', path, { key })).headers.get('ratelimit-remaining'));
    }
    expect(left).toEqual(['2', '1', '0']);

    at += 20_000;
    const refused = await api.ask('GET', '/api/v1/tickets', { key });
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '40',
      'retry-after': '40',
    });
    expect((await api.ask('GET', '/api/v1/tickets', { key: other.key })).status).toBe(200);

    at += 40_000;
    expect((await api.ask('GET', '/api/v1/tickets', { key })).headers.get('ratelimit-remaining')).toBe('2');
  });

  test('beyond his allowance changes nothing, and his Idempotency-Key is free for the next attempt', async () => {
    let at = Date.UTC(2026, 10, 20);
    const api = await start({ now: () => at, rates: { perPrincipal: 1, perAddress: 100 } });
    const { key } = await api.newKey('lead');
    const ask = () =>
      api.ask('POST', '/api/v1/teams', { key, json: { name: 'Night' }, headers: { 'Idempotency-Key': 'team-1' } });
    await api.ask('GET', '/api/v1/me', { key });
    expect((await ask()).status).toBe(429);
    expect((await api.db.pool.query(`select from teams where name = 'Night'`)).rowCount).toBe(0);
    at += 60_000;
    expect((await ask()).status).toBe(201);
  });

  test('without a credential, or with a wrong one, shares the allowance of his address', async () => {
    const api = await start({ rates: { perPrincipal: 100, perAddress: 3 } });
    const { key } = await api.newKey('lead');
    const statuses = [
      (await api.ask('GET', '/api/v1/openapi.json')).status,
      (await api.ask('GET', '/api/v1/tickets', { key: 'hf_wrong' })).status,
      (await api.ask('POST', '/api/v1/auth/login', { json: { email: 'ada@holdfast.test', password: 'no' } })).status,
      (await api.ask('GET', '/api/v1/tickets', { key: 'hf_wrong' })).status,
      (await api.ask('POST', '/api/v1/auth/login', { json: { email: 'ada@holdfast.test', password: 'no' } })).status,
    ];
    expect(statuses).toEqual([200, 401, 401, 429, 429]);
    // Whoever has a good one is not held up by his neighbours.
    expect((await api.ask('GET', '/api/v1/tickets', { key })).status).toBe(200);
  });

  test('who only looks whether the desk lives, and a vendor who signs, are not counted', async () => {
    const api = await start({ rates: { perPrincipal: 1, perAddress: 1 } });
    for (let n = 0; n < 3; n += 1) {
      expect((await api.ask('GET', '/livez')).status).toBe(200);
      expect((await delivery(api)).status).toBe(200);
    }
  });
});

describe('X-Forwarded-For', () => {
  const ask = (api: TestApi, forwarded: string) =>
    api.ask('GET', '/api/v1/openapi.json', {
      headers: { 'X-Forwarded-For': forwarded, 'X-Real-IP': forwarded, Forwarded: `for=${forwarded}` },
    });

  test('of anybody is ignored: a forged one brings no new allowance', async () => {
    const api = await start({ rates: { perPrincipal: 9, perAddress: 2 } });
    const statuses = [];
    for (const forged of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) statuses.push((await ask(api, forged)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('of a configured proxy tells the caller apart, and what stood there before the proxy counts for nothing', async () => {
    const trustedProxies = ['127.0.0.0/8', '10.0.0.7'];
    const api = await start({ rates: { perPrincipal: 9, perAddress: 1 }, trustedProxies });
    const statuses = [];
    for (const forwarded of [
      '203.0.113.1',
      '203.0.113.2',
      '203.0.113.9, 203.0.113.2',
      '203.0.113.8, 203.0.113.2, 10.0.0.7',
      'nonsense, 203.0.113.3',
    ]) {
      statuses.push((await ask(api, forwarded)).status);
    }
    expect(statuses).toEqual([200, 200, 429, 429, 200]);
  });

  test('an IPv6 network shares one allowance, however its addresses are written', () => {
    const same = ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::1', '2001:db8:1:2:ffff::'].map(allowanceOf);
    expect(new Set(same)).toEqual(new Set(['2001:db8:1:2::/64']));
    expect(allowanceOf('::1')).toBe('0:0:0:0::/64');
    expect(allowanceOf('203.0.113.9')).toBe('203.0.113.9');
  });
});

describe('more than the process has room for', () => {
  const MEBIBYTE = 1024 * 1024;

  test('many large and slow bodies: some are refused, what is held stays bounded, and all is well afterwards', async () => {
    const most = 4 * MEBIBYTE;
    const load = createLoad({ requests: 100, bodyBytes: most, bodyMs: 20_000 }, calm);
    const api = await start({ load });
    const { key } = await api.newKey('lead');
    let highest = 0;
    const look = () => {
      highest = Math.max(highest, load.bodyBytes);
    };
    const senders = Array.from({ length: 40 }, () => slowSender(api, key, MEBIBYTE / 2));
    for (let sent = 0; sent < 8; sent += 1) {
      for (const sender of senders) sender.write(MEBIBYTE / 16 - 1, look);
    }
    await vi.waitFor(() => {
      look();
      const refused = senders.filter((sender) => sender.answer() !== null);
      expect(load.bodyBytes).toBe((senders.length - refused.length) * (MEBIBYTE / 2 - 8));
    }, 10_000);
    expect(load.shed).toBeGreaterThan(20);
    expect(senders.some((sender) => sender.answer() === 503)).toBe(true);
    expect(highest).toBeLessThanOrEqual(most);
    expect((await api.ask('GET', '/livez')).status).toBe(200);

    for (const sender of senders) sender.write(8, look);
    await vi.waitFor(() => expect(senders.every((sender) => sender.answer() !== null)).toBe(true), 10_000);
    // What was taken whole is judged as ever: it is not JSON.
    const answers = senders.map((sender) => sender.answer());
    expect(answers).toContain(400);
    expect(answers.every((answer) => answer === 400 || answer === 503 || answer === 'reset')).toBe(true);
    expect([load.requests, load.bodyBytes]).toEqual([0, 0]);
    expect((await api.ask('GET', '/api/v1/tickets', { key })).status).toBe(200);
  });

  test('requests at once: people are refused first and told when to come again, vendors later, health never', async () => {
    const load = createLoad({ requests: 2, bodyBytes: MEBIBYTE, bodyMs: 20_000 }, calm);
    const api = await start({ load });
    const { key } = await api.newKey('lead');
    const waiting = [slowSender(api, key, 100), slowSender(api, key, 100)];
    await vi.waitFor(() => expect(load.requests).toBe(2));
    const refused = await api.ask('GET', '/api/v1/tickets', { key });
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'overloaded', '2']);
    expect((await delivery(api)).status).toBe(200);
    expect((await api.ask('GET', '/livez')).status).toBe(200);

    const full = [slowDelivery(api), slowDelivery(api)];
    await vi.waitFor(() => expect(load.requests).toBe(4));
    expect((await delivery(api)).status).toBe(503);
    expect((await api.ask('GET', '/livez')).status).toBe(200);

    for (const sender of [...waiting, ...full]) sender.leave();
    await vi.waitFor(() => expect(load.requests).toBe(0));
    expect((await api.ask('GET', '/api/v1/tickets', { key })).status).toBe(200);
  });

  test.each([
    ['hardly any heap', { heapShare: 0.9, loopDelayMs: 0 }, { heapShare: 0.97, loopDelayMs: 0 }],
    ['a late event loop', { heapShare: 0, loopDelayMs: 2_000 }, { heapShare: 0, loopDelayMs: 6_000 }],
  ])('%s: likewise', async (_name, strained, worse) => {
    let strain: Strain = strained;
    const load = createLoad({ requests: 9, bodyBytes: MEBIBYTE, bodyMs: 20_000 }, () => strain);
    const api = await start({ load });
    const { key } = await api.newKey('lead');
    const statuses = async () => [
      (await api.ask('GET', '/api/v1/tickets', { key })).status,
      (await delivery(api)).status,
      (await api.ask('GET', '/livez')).status,
    ];
    expect(await statuses()).toEqual([503, 200, 200]);
    strain = worse;
    expect(await statuses()).toEqual([503, 503, 200]);
    strain = calm();
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  test('the process is not taken for strained when it is not', () => {
    expect(() => createLoad({ requests: 1, bodyBytes: 1, bodyMs: 1 }).admit('ordinary').leave()).not.toThrow();
  });
});

/** A signed event of Front's. */
function delivery(api: TestApi) {
  const payload = { id: `evt_${randomUUID()}`, type: 'comment', conversation: { id: 'cnv_1' } };
  const raw = JSON.stringify({ payload });
  const timestamp = `${Date.now()}`;
  const signature = createHmac('sha256', FRONT.appSigningKey).update(`${timestamp}:${raw}`).digest('base64');
  const headers = { 'X-Front-Request-Timestamp': timestamp, 'X-Front-Signature': signature };
  return api.ask('POST', '/webhooks/front', { raw, headers });
}
