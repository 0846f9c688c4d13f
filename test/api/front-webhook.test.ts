import { createHash, createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FRONT, startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.pool.query('truncate inbox, webhook_refusals');
});

const PATH = '/webhooks/front';

function event(over: Record<string, unknown> = {}) {
  return {
    id: `evt_${randomUUID().slice(0, 8)}`,
    type: 'inbound',
    emitted_at: 1_700_000_000.123,
    conversation: { id: 'cnv_1', subject: 'Hello' },
    target: {
      _meta: { type: 'message' },
      data: {
        id: 'msg_1',
        subject: 'Hello',
        body: '<p>Where is it?</p>',
        text: 'Where is it?',
        recipients: [{ handle: 'ada@example.com', name: 'Ada', role: 'from' }],
      },
    },
    ...over,
  };
}

const envelope = (payload: object) => ({ type: 'inbound_received', authorization: { id: 'cmp_1' }, payload });

function app(raw: string, timestamp = String(Date.now())) {
  const signature = createHmac('sha256', FRONT.appSigningKey).update(`${timestamp}:${raw}`).digest('base64');
  return { 'X-Front-Signature': signature, 'X-Front-Request-Timestamp': timestamp };
}

function rule(raw: string) {
  return { 'X-Front-Signature': createHmac('sha1', FRONT.ruleSecret).update(raw).digest('base64') };
}

const deliver = (raw: string | Uint8Array, headers: Record<string, string>, to = api) =>
  to.ask('POST', PATH, { raw, headers: { 'Content-Type': 'application/json', ...headers } });

async function stored() {
  const { rows } = await api.db.pool.query(
    'select source, external_id, kind, conversation_key, state, reason, body, request_id from inbox order by id',
  );
  return rows;
}

async function refusals(): Promise<number> {
  const { rows } = await api.db.pool.query<{ count: number }>(
    `select coalesce(sum(count), 0)::integer as count from webhook_refusals where source = 'front'`,
  );
  return rows[0]?.count ?? 0;
}

describe("an application's webhook", () => {
  test('is stored as it came, by its event and in its conversation', async () => {
    const raw = JSON.stringify(envelope(event({ id: 'evt_a' })));
    const answer = await deliver(raw, { ...app(raw), 'X-Request-Id': 'request-of-front' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ accepted: true, duplicate: false });
    expect(await stored()).toEqual([
      {
        source: 'front',
        external_id: 'evt_a',
        kind: 'inbound',
        conversation_key: 'front:cnv_1',
        state: 'received',
        reason: null,
        body: raw,
        request_id: 'request-of-front',
      },
    ]);
  });

  test('with the question about the address is answered with the challenge, and not stored', async () => {
    const raw = JSON.stringify({ type: 'sync', authorization: { id: 'cmp_1' } });
    const answer = await deliver(raw, { ...app(raw), 'X-Front-Challenge': 'what-is-this' });
    expect([answer.status, answer.body]).toEqual([200, { challenge: 'what-is-this' }]);
    const forged = await deliver(raw, { ...app(`${raw} `), 'X-Front-Challenge': 'what-is-this' });
    expect(forged.status).toBe(401);
    expect(await stored()).toEqual([]);
  });

  test('that comes fifty times at once is one row', async () => {
    const raw = JSON.stringify(envelope(event()));
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(raw, app(raw))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
    expect(await stored()).toHaveLength(1);
  });
});

describe("a rule's webhook", () => {
  test('is stored, and the same event by the application is a duplicate', async () => {
    const one = event({ id: 'evt_both' });
    const [bare, wrapped] = [JSON.stringify(one), JSON.stringify(envelope(one))];
    expect((await deliver(bare, rule(bare))).body).toEqual({ accepted: true, duplicate: false });
    expect((await deliver(wrapped, app(wrapped))).body).toEqual({ accepted: true, duplicate: true });
    expect(await stored()).toHaveLength(1);
  });

  test('that is a preview without the text waits for the text', async () => {
    const preview = event({ target: { data: { id: 'msg_2', subject: 'Hello', blurb: 'Where' } } });
    const raw = JSON.stringify(preview);
    expect((await deliver(raw, rule(raw))).status).toBe(200);
    expect(await stored()).toMatchObject([{ state: 'incomplete', reason: null }]);
  });
});

describe('an event that means nothing to the desk', () => {
  test.each([
    ['of another type', event({ type: 'tag', target: undefined }), 'tag'],
    ['of a type that nobody knows', event({ type: 'brand_new.thing' }), 'brand_new.thing'],
    ['without a message', event({ target: null }), 'inbound'],
  ])('%s is kept as ignored, with the reason', async (_name, body, kind) => {
    const raw = JSON.stringify(body);
    expect((await deliver(raw, rule(raw))).body).toEqual({ accepted: true, duplicate: false });
    expect(await stored()).toMatchObject([{ state: 'ignored', kind, reason: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  test.each([
    ['no event id', { ...event(), id: undefined }],
    ['no conversation', { ...event(), conversation: null }],
    ['an id that no database takes', { ...event(), id: 'evt_\u0000' }],
    ['a type that is a number', { ...event(), type: 7 }],
    ['nothing but a list', [1, 2, 3]],
    ['nothing at all', null],
  ])('with %s is kept by the digest of its body, once', async (_name, body) => {
    const raw = JSON.stringify(body);
    expect((await deliver(raw, rule(raw))).body).toEqual({ accepted: true, duplicate: false });
    expect((await deliver(raw, rule(raw))).body).toEqual({ accepted: true, duplicate: true });
    const digest = createHash('sha256').update(raw).digest('hex');
    expect(await stored()).toMatchObject([{ external_id: digest, state: 'ignored', reason: expect.any(String) }]);
  });
});

describe('a delivery that is not signed by Front', () => {
  const raw = JSON.stringify(envelope(event()));
  const good = app(raw, '1700000000000');
  const signature = good['X-Front-Signature'];
  const timestamp = good['X-Front-Request-Timestamp'];
  const both = (given: string) => ({ 'X-Front-Signature': given, 'X-Front-Request-Timestamp': timestamp });

  test.each<[string, Record<string, string>, string]>([
    ['no signature', {}, raw],
    ['an empty signature', both(''), raw],
    ['a truncated signature', both(signature.slice(0, -4)), raw],
    ['a signature without its padding', both(signature.replace(/=+$/, '')), raw],
    ['a prefix of the signature', both(signature.slice(0, 8)), raw],
    ['something before the signature', both(`sha256=${signature}`), raw],
    ['something after the signature', both(`${signature}AA`), raw],
    ['a list of signatures', both(`${signature}, ${signature}`), raw],
    ['the signature in hex', both(Buffer.from(signature, 'base64').toString('hex')), raw],
    ['another body', good, raw.replace('cnv_1', 'cnv_2')],
    ['one blank more', good, `${raw} `],
    ['another time', { ...good, 'X-Front-Request-Timestamp': '1700000000001' }, raw],
    ['no time', { 'X-Front-Signature': signature }, raw],
    [
      "the application's key used as a rule's",
      { 'X-Front-Signature': createHmac('sha1', FRONT.appSigningKey).update(raw).digest('base64') },
      raw,
    ],
    ['an empty key', { 'X-Front-Signature': createHmac('sha1', '').update(raw).digest('base64') }, raw],
    ["a rule's signature of another body", rule(`${raw} `), raw],
    ["a truncated rule's signature", { 'X-Front-Signature': rule(raw)['X-Front-Signature'].slice(0, -2) }, raw],
  ])('%s is refused with 401; nothing is stored but a count', async (_name, headers, body) => {
    const answer = await deliver(body, headers);
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('invalid_signature');
    expect(await stored()).toEqual([]);
    expect(await refusals()).toBe(1);
  });
});

describe('a delivery that is not a webhook', () => {
  test('of broken JSON is 400, also when it is signed', async () => {
    const raw = '{"id": "evt_1", ';
    const answer = await deliver(raw, rule(raw));
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_json']);
    expect(await stored()).toEqual([]);
  });

  test('of more than a mebibyte is 413', async () => {
    const raw = JSON.stringify(event({ padding: 'x'.repeat(1024 * 1024) }));
    const answer = await deliver(raw, rule(raw));
    expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
    expect(await stored()).toEqual([]);
  });

  test('to a desk without Front is 404, whatever its signature', async () => {
    const without = await startApi({ db: api.db, front: undefined });
    const raw = JSON.stringify(event());
    const answer = await deliver(raw, rule(raw), without);
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    await without.close();
  });
});

// How fast is measured from another process (test/e2e, bench): here client and desk share one.
test('two thousand webhooks in a burst are all accepted and all stored', async () => {
  const bodies = Array.from({ length: 2_000 }, (_, i) => JSON.stringify(envelope(event({ id: `evt_${i}` }))));
  const waiting = bodies.values();
  const statuses: number[] = [];
  async function client() {
    // The clients share one iterator, so each body is sent once.
    for (const raw of waiting) statuses.push((await deliver(raw, app(raw))).status);
  }
  await Promise.all(Array.from({ length: 50 }, client));
  expect(statuses).toEqual(bodies.map(() => 200));
  expect(await stored()).toHaveLength(2_000);
});
