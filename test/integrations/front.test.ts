import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFront, readFrontEvent } from '../../integrations/front.ts';
import { VendorError } from '../../integrations/vendor-error.ts';
import { type FrontSimulator, startFrontSimulator } from '../../local/simulators/front.ts';
import { FRONT, startApi, type TestApi } from '../api/support.ts';

const apiToken = 'front-token-for-tests';
let api: TestApi;
let simulator: FrontSimulator;
beforeAll(async () => {
  api = await startApi();
  simulator = await startFrontSimulator({ deskUrl: api.url, apiToken, ...FRONT });
});
afterAll(async () => {
  await simulator.close();
  await api.close();
});

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${simulator.url}/_sim/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status === 204 ? undefined : answer.json();
}

const front = (token = apiToken) => createFront({ apiUrl: simulator.url, apiToken: token });
const signal = () => new AbortController().signal;

async function failure(work: Promise<unknown>): Promise<VendorError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VendorError)) throw new Error('The call did not end in a VendorError.', { cause: error });
  return error;
}

describe("Front's events, as the simulator signs and sends them", () => {
  test.each(['app', 'rule'])('by %s are taken, and their text is read', async (via) => {
    const eventId = `evt_${randomUUID().replaceAll('-', '').slice(0, 10)}`;
    const sent = await control('POST', 'events', {
      via,
      eventId,
      messageId: 'msg_1a',
      conversationId: 'cnv_1a',
      body: 'Where is it?',
    });
    expect(sent).toMatchObject({ status: 200, body: { accepted: true, duplicate: false } });
    const { rows } = await api.db.pool.query<{ body: string; state: string }>(
      'select body, state from inbox where external_id = $1',
      [eventId],
    );
    expect(rows[0]?.state).toBe('received');
    expect(readFrontEvent(JSON.parse(rows[0]?.body ?? ''))).toMatchObject({
      eventId,
      type: 'inbound',
      conversationId: 'cnv_1a',
      messageId: 'msg_1a',
      emittedAt: expect.any(Number),
      hasText: true,
      message: { body: 'Where is it?', from: { email: 'customer@example.com' } },
    });
  });

  test('of an address check are answered with the challenge', async () => {
    expect(await control('POST', 'events', { type: 'sync' })).toMatchObject({
      status: 200,
      body: { challenge: expect.any(String) },
    });
  });
});

describe("Front's API", () => {
  test('gives the text that a preview lacks, and takes a reply', async () => {
    await control('POST', 'events', {
      via: 'rule',
      preview: true,
      messageId: 'msg_2b',
      conversationId: 'cnv_2b',
      body: 'The whole text',
    });
    const message = await front().fetchMessage('msg_2b', signal());
    expect(message).toMatchObject({
      body: 'The whole text',
      from: { email: 'customer@example.com' },
      writtenAt: expect.any(Number),
    });
    const sent = await front().send('cnv_2b', { text: 'a < b\n& so on' }, signal());
    expect(sent.externalId).toMatch(/^[a-z0-9]+$/);
    const posted = expect.objectContaining({
      body: expect.objectContaining({ text: 'a < b\n& so on', body: 'a &lt; b<br>&amp; so on' }),
    });
    expect(await control('GET', 'calls')).toMatchObject({ calls: expect.arrayContaining([posted]) });
  });

  test.each([
    [503, true],
    [500, true],
    [429, true],
    [408, true],
    [400, false],
    [403, false],
  ])('that answers %i is a VendorError, worth another try: %s', async (status, retryable) => {
    await control('PUT', 'faults', { status, count: 1 });
    const error = await failure(front().send('cnv_2b', { text: 'Hello' }, signal()));
    expect(error).toMatchObject({ service: 'Front', status, retryable });
    // In Front's words, and only there: the message may be logged.
    expect(error.reason).toContain('The simulator was told so.');
    expect(error.message).not.toContain('simulator');
    expect(error.retryAfterSeconds).toBe(status === 429 ? 1 : undefined);
  });

  test('that does not answer, or whose connection breaks, is worth another try', async () => {
    await control('PUT', 'faults', { drop: true, count: 1 });
    expect(await failure(front().fetchMessage('msg_2b', signal()))).toMatchObject({ status: null, retryable: true });
    const nowhere = createFront({ apiUrl: 'http://127.0.0.1:1', apiToken });
    expect(await failure(nowhere.fetchMessage('msg_2b', signal()))).toMatchObject({ status: null, retryable: true });
  });

  test('that does not know the token or the message refuses for good', async () => {
    expect(await failure(front('another-token').fetchMessage('msg_2b', signal()))).toMatchObject({
      status: 401,
      retryable: false,
    });
    expect(await failure(front().fetchMessage('msg_404', signal()))).toMatchObject({ status: 404, retryable: false });
  });

  test('is left alone when the caller stops waiting, which is no fault of the vendor', async () => {
    await control('PUT', 'faults', { delayMs: 5_000, count: 1 });
    const stopped = new AbortController();
    const asked = front().fetchMessage('msg_2b', stopped.signal);
    stopped.abort(new Error('The worker stops.'));
    await expect(asked).rejects.toThrow('The worker stops.');
  });

  test('that answers a page of HTML or a redirect never gets our token elsewhere, nor its page into our words', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.url);
      if (request.url === '/messages/msg_1') response.writeHead(302, { Location: '/stolen' }).end();
      else response.writeHead(502, { 'Retry-After': '7' }).end(`<h1>${'canary'.repeat(200)}</h1>`);
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const address = elsewhere.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const odd = createFront({ apiUrl: `http://127.0.0.1:${port}`, apiToken });
    expect(await failure(odd.fetchMessage('msg_1', signal()))).toMatchObject({ status: null });
    const error = await failure(odd.fetchMessage('msg_2', signal()));
    expect(error).toMatchObject({ status: 502, retryable: true, retryAfterSeconds: 7 });
    expect(`${error.message} ${error.reason}`).not.toContain('canary');
    expect(seen).not.toContain('/stolen');
    elsewhere.close();
  });
});
