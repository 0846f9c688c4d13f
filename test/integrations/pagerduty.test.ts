import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPagerduty } from '../../integrations/pagerduty.ts';
import { verifyPagerduty } from '../../integrations/pagerduty-webhook.ts';
import { VendorError } from '../../integrations/vendor-error.ts';
import { type PagerdutySimulator, startPagerdutySimulator } from '../../local/simulators/pagerduty.ts';

const secrets = { apiToken: 'pd-token', routingKey: 'r0123456789abcdef0123456789abcde', webhookSecret: 'pd-secret' };
let simulator: PagerdutySimulator;
beforeAll(async () => {
  simulator = await startPagerdutySimulator({ deskUrl: 'http://127.0.0.1:1', ...secrets });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await control('DELETE', 'faults');
  await control('DELETE', 'calls');
});

function urlOf(server: ReturnType<typeof createServer>): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  return `http://127.0.0.1:${address.port}`;
}

async function closed(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${simulator.url}/_sim/${path}`, { method, headers, ...sent });
  return answer.status === 204 ? undefined : answer.json();
}

const signed = (raw: string | Uint8Array, secret = secrets.webhookSecret) =>
  `v1=${createHmac('sha256', secret).update(raw).digest('hex')}`;

async function failure(work: Promise<unknown>): Promise<VendorError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VendorError)) throw new Error('The call did not end in a VendorError.', { cause: error });
  return error;
}

const pagerduty = (more: object = {}) =>
  createPagerduty({ apiUrl: `${simulator.url}/`, eventsUrl: simulator.url, ...secrets, ...more });
const page = (dedupKey: string, summary = 'T-1001 waits for an answer') => ({
  dedupKey,
  summary,
  source: 'T-1001',
  severity: 'critical' as const,
  link: { href: 'https://desk.example/tickets/T-1001', text: 'T-1001' },
  details: { priority: 'urgent', minutes: 5 },
});
const incidents = async () => Object(await control('GET', 'state')).incidents;
const incidentsOf = async (key: string) =>
  (await incidents()).filter((one: { incident_key: string }) => one.incident_key === key);

describe('a page', () => {
  test('sent twice with one key makes one incident, which is then acknowledged and resolved', async () => {
    const key = randomUUID();
    await pagerduty({ serviceUrl: 'https://desk.example' }).trigger(page(key));
    await pagerduty().trigger(page(key));
    expect(await incidentsOf(key)).toMatchObject([{ status: 'triggered', urgency: 'high', triggers: [{}, {}] }]);
    const [{ triggers }] = await incidentsOf(key);
    expect(triggers[0]).toEqual({
      summary: 'T-1001 waits for an answer',
      source: 'T-1001',
      severity: 'critical',
      details: { priority: 'urgent', minutes: 5 },
      links: [{ href: 'https://desk.example/tickets/T-1001', text: 'T-1001' }],
      client: 'Holdfast',
      clientUrl: 'https://desk.example',
    });
    for (let twice = 0; twice < 2; twice += 1) await pagerduty().acknowledge(key);
    expect(await incidentsOf(key)).toMatchObject([{ status: 'acknowledged' }]);
    for (let twice = 0; twice < 2; twice += 1) await pagerduty().resolve(key);
    expect(await incidentsOf(key)).toMatchObject([{ status: 'resolved' }]);
  });

  test('sent again after its incident was resolved makes a second one, which is why a key belongs to one page', async () => {
    const key = randomUUID();
    await pagerduty().trigger(page(key));
    await pagerduty().resolve(key);
    await pagerduty().trigger(page(key));
    expect(await incidentsOf(key)).toMatchObject([{ status: 'resolved' }, { status: 'triggered' }]);
  });

  test('with a summary longer than PagerDuty takes is cut and sent, even through the middle of a character', async () => {
    const key = randomUUID();
    await pagerduty().trigger(page(key, `${'x'.repeat(1023)}\u{1F525} and more`));
    expect(await incidentsOf(key)).toMatchObject([{ title: `${'x'.repeat(1023)}\uFFFD` }]);
  });

  test('that PagerDuty does not take is refused for good, in its own words and without the key', async () => {
    const error = await failure(pagerduty().trigger({ ...page(''), summary: '' }));
    expect(error).toMatchObject({ service: 'PagerDuty', status: 400, retryable: false });
    expect(error.message).toBe('PagerDuty answered 400.');
    expect(error.reason).toMatch(/^Event object is invalid: .*dedup_key.*payload\.summary/);
    expect(await failure(pagerduty({ routingKey: 'another' }).resolve('x'))).toMatchObject({ status: 400 });
  });
});

describe('who is on call', () => {
  const at = Date.parse('2026-11-21T09:00:00Z');
  const ann = { id: 'PANN', name: 'Ann', email: 'ann@example.com' };
  const bob = { id: 'PBOB', name: 'Bob', email: 'bob@example.com' };
  const early = { start: '2026-11-21T01:00:00Z', end: '2026-11-21T09:00:00Z' };
  const late = { start: '2026-11-21T09:00:00Z', end: '2026-11-21T17:00:00Z' };

  test('changes at the very moment of the hand-over', async () => {
    await control('PUT', 'oncall', {
      scheduleId: 'PSCHED1',
      users: [
        { ...ann, ...early },
        { ...bob, ...late },
      ],
    });
    expect(await pagerduty().onCall('PSCHED1', at - 500)).toEqual([ann]);
    expect(await pagerduty().onCall('PSCHED1', at)).toEqual([bob]);
    expect(await pagerduty().onCall('PSCHED1', Date.parse(late.end))).toEqual([]);
    expect(await pagerduty().onCall('PNOBODY', at)).toEqual([]);
    const call = {
      method: 'GET',
      headers: { accept: 'application/vnd.pagerduty+json;version=2', authorization: 'Token [redacted]' },
    };
    expect(await control('GET', 'calls')).toMatchObject({ calls: Array.from({ length: 4 }, () => call) });
  });

  test('names everybody once, by level, over as many pages as there are', async () => {
    const crowd = Array.from({ length: 120 }, (_, i) => ({ ...ann, id: `P${i % 110}`, level: 2 }));
    await control('PUT', 'oncall', { scheduleId: 'PSCHED2', users: [...crowd, { ...bob, level: 1 }] });
    const people = await pagerduty().onCall('PSCHED2', at);
    expect(people).toHaveLength(111);
    expect(people[0]).toEqual(bob);
  });

  test('is not told to a wrong token, nor by an answer that cannot be read', async () => {
    const error = await failure(pagerduty({ apiToken: 'wrong' }).onCall('PSCHED1', at));
    expect(error).toMatchObject({ status: 401, retryable: false, reason: 'Unauthorized: Invalid token.' });
    await control('PUT', 'faults', { status: 200, path: '/oncalls' });
    expect(await failure(pagerduty().onCall('PSCHED1', at))).toMatchObject({ status: 200, retryable: true });
  });
});

describe('a call that fails', () => {
  test.each([
    [503, true],
    [500, true],
    [429, true],
    [408, true],
    [404, false],
    [403, false],
  ])('with %i is told, and is worth another try: %s; it is made once', async (status, retryable) => {
    await control('PUT', 'faults', { status, count: 5 });
    for (const work of [() => pagerduty().resolve('x'), () => pagerduty().onCall('PSCHED1', 0)]) {
      const error = await failure(work());
      expect(error).toMatchObject({ service: 'PagerDuty', status, retryable });
      expect(error.reason).toContain('The simulator was told so.');
      expect(error.message).not.toContain('simulator');
      expect(error.retryAfterSeconds).toBe(status === 429 ? 1 : undefined);
    }
    expect(Object(await control('GET', 'calls')).calls).toHaveLength(2);
  });

  test('without an answer is worth another try, unless the caller stopped waiting', async () => {
    await control('PUT', 'faults', { drop: true });
    expect(await failure(pagerduty().resolve('x'))).toMatchObject({ status: null, retryable: true });
    const nowhere = pagerduty({ apiUrl: 'http://127.0.0.1:1' });
    expect(await failure(nowhere.onCall('PSCHED1', 0))).toMatchObject({ status: null, retryable: true });
    await control('PUT', 'faults', { delayMs: 5_000 });
    const stopped = new AbortController();
    const asked = pagerduty().trigger(page('x'), stopped.signal);
    stopped.abort(new Error('The worker stops.'));
    await expect(asked).rejects.toThrow('The worker stops.');
  });

  test('never takes our keys elsewhere, nor into our words, and waits as long as PagerDuty says', async () => {
    const seen: (string | undefined)[] = [];
    const odd = createServer((request, response) => {
      seen.push(request.url);
      if (request.url?.startsWith('/oncalls')) return response.writeHead(302, { Location: '/stolen' }).end();
      const body = JSON.stringify({ message: `No ${secrets.routingKey}`, errors: 'at all' });
      return response.writeHead(429, { 'ratelimit-reset': '20' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(odd, 'listening');
    const client = pagerduty({ apiUrl: urlOf(odd), eventsUrl: urlOf(odd) });
    expect(await failure(client.onCall('PSCHED1', 0))).toMatchObject({ status: null });
    const error = await failure(client.resolve('x'));
    expect(error).toMatchObject({ status: 429, retryAfterSeconds: 20, reason: 'No [redacted]: at all' });
    expect(seen).not.toContain('/stolen');
    await closed(odd);
  });
});

describe('a signature', () => {
  const verify = (header: string, raw: string, known: readonly string[]) =>
    verifyPagerduty({ 'x-pagerduty-signature': header }, Buffer.from(raw), known);

  test('counts at any place in the list and under any of the secrets, and an empty secret never does', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
        fc.nat(2),
        fc.array(fc.constantFrom('v1=00', 'v2=ff', '', 'nonsense'), { maxLength: 3 }),
        (raw, known, which, around) => {
          const secret = known[which % known.length] ?? '';
          const list = [...around, signed(raw, secret), ...around];
          for (const separator of [',', ', ']) {
            expect(verify(list.join(separator), raw, known)).toBe(secret !== '');
          }
        },
      ),
    );
  });

  test('that is cut, lengthened, changed or in capitals does not count', () => {
    const good = signed('{}', 'secret');
    const [hex] = good.split('=').slice(1);
    const last = good.endsWith('0') ? '1' : '0';
    const wrong = ['', 'v1=', good.slice(0, -1), good.slice(0, 12), `${good}0`, good.slice(0, -1) + last, `${hex}`];
    const all = [...wrong, `v1=${hex?.toUpperCase()}`, `sha256=${hex}`];
    expect(all.filter((header) => verify(header, '{}', ['secret']))).toEqual([]);
    expect(verify(good, '{}', ['secret'])).toBe(true);
    expect(verify(good, '{}', [])).toBe(false);
    expect(verifyPagerduty({}, Buffer.from('{}'), ['secret'])).toBe(false);
  });
});
