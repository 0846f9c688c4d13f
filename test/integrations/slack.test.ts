import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createSlack, type Slack } from '../../integrations/slack.ts';
import { VendorError } from '../../integrations/vendor-error.ts';
import { type SlackSimulator, startSlackSimulator } from '../../local/simulators/slack.ts';

const BOT_TOKEN = 'xoxb-test-token-0000';
const CHANNEL = 'C0TEST';
const MESSAGE = { key: 'card:1', text: 'T-1001 is open', blocks: [] };

const stateSchema = z.object({
  channels: z.record(z.string(), z.array(z.unknown())),
  responses: z.array(z.object({ body: z.unknown() })),
});
const callsSchema = z.object({ calls: z.array(z.object({ body: z.unknown() })) });

let simulator: SlackSimulator;
let slack: Slack;

beforeAll(async () => {
  const signingSecret = 'signing-secret-0000';
  simulator = await startSlackSimulator({ deskUrl: 'http://127.0.0.1:1', botToken: BOT_TOKEN, signingSecret });
  slack = createSlack({ apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, channel: CHANNEL });
});

beforeEach(async () => {
  await fetch(`${simulator.url}/_sim/faults`, { method: 'DELETE' });
  await fetch(`${simulator.url}/_sim/calls`, { method: 'DELETE' });
});

afterAll(() => simulator.close());

describe('a message', () => {
  test('is found again by its key, after the moment asked for only', async () => {
    const ts = await slack.post(CHANNEL, { ...MESSAGE, key: 'card:found' });
    const posted = Number(ts) * 1000;
    await slack.update(CHANNEL, ts, { ...MESSAGE, key: 'card:found', text: 'T-1001 is pending' });
    await expect(slack.findByMetadata(CHANNEL, 'card:found', posted - 1000)).resolves.toBe(ts);
    await expect(slack.findByMetadata(CHANNEL, 'card:foun', posted - 1000)).resolves.toBeNull();
    await expect(slack.findByMetadata(CHANNEL, 'card:found', posted + 1000)).resolves.toBeNull();
  });

  test('unfurls no link', async () => {
    await slack.post(CHANNEL, MESSAGE);
    const { calls } = callsSchema.parse(await (await fetch(`${simulator.url}/_sim/calls`)).json());
    expect(calls[0]?.body).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
  });
});

describe('a failure', () => {
  test.each([
    [{ status: 500 }, { status: 500, retryable: true, message: 'Slack answered 500.' }],
    [{ status: 403 }, { status: 403, retryable: false, message: 'Slack answered 403.' }],
    [
      { status: 429, retryAfter: 30 },
      { status: 429, retryable: true, retryAfterSeconds: 30 },
    ],
    [{ error: 'invalid_auth' }, { status: 200, retryable: false, reason: 'invalid_auth' }],
    [{ error: 'ratelimited' }, { status: 200, retryable: true, reason: 'ratelimited' }],
    [{ drop: true }, { status: null, retryable: true, message: 'Slack did not answer.' }],
    [{ error: '<html>canary</html>' }, { status: 200, retryable: true, reason: 'unreadable_answer' }],
  ])('of %j is told in our own words, at the first try', async (fault, told) => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ ...fault, count: 5 });
    await fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', headers, body });
    await expect(slack.post(CHANNEL, MESSAGE)).rejects.toMatchObject({
      name: 'VendorError',
      service: 'slack',
      ...told,
    });
    await expect(slack.post(CHANNEL, MESSAGE)).rejects.not.toThrow('canary');
    const { calls } = callsSchema.parse(await (await fetch(`${simulator.url}/_sim/calls`)).json());
    expect(calls).toHaveLength(2);
  });

  test('of a server that is not there is told as no answer', async () => {
    const gone = createSlack({ apiUrl: 'http://127.0.0.1:1/api/', botToken: BOT_TOKEN, channel: CHANNEL });
    await expect(gone.post(CHANNEL, MESSAGE)).rejects.toMatchObject({ status: null, retryable: true });
    await expect(gone.answerClick('http://127.0.0.1:1/response/1', 'x')).rejects.toMatchObject({ status: null });
  });
});

describe('the answer to a click', () => {
  test('reaches the clicker alone and leaves the card as it is', async () => {
    await slack.answerClick(`${simulator.url}/response/42`, 'Ada was first.');
    const { responses } = stateSchema.parse(await (await fetch(`${simulator.url}/_sim/state`)).json());
    expect(responses.at(-1)?.body).toEqual({
      response_type: 'ephemeral',
      replace_original: false,
      text: 'Ada was first.',
    });
  });

  test('goes to no address but Slack’s own', async () => {
    const hits: string[] = [];
    const inside = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end('ok');
    });
    const listening = Promise.withResolvers<void>();
    inside.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    const address = inside.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const foreign = [
      `http://127.0.0.1:${port}/`,
      `http://localhost:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `https://hooks.slack.com@127.0.0.1:${port}/`,
      `http://hooks.slack.com/actions/1`,
      'https://hooks.slack.com.evil.example/actions/1',
      'https://hooks.slack.com:8443/actions/1',
      'file:///etc/passwd',
      'data:text/plain,x',
      '//hooks.slack.com/actions/1',
      '',
    ];
    for (const url of foreign) {
      const refusal = await slack.answerClick(url, 'x').then(
        () => `${url} was called`,
        (error: unknown) => error,
      );
      expect(refusal).toBeInstanceOf(VendorError);
      expect(refusal).toMatchObject({ reason: 'foreign_address', retryable: false });
    }
    expect(hits).toEqual([]);
    inside.close();
  });

  test('that Slack no longer takes is told', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ status: 404, path: '/response/' });
    await fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', headers, body });
    await expect(slack.answerClick(`${simulator.url}/response/42`, 'x')).rejects.toMatchObject({
      status: 404,
      retryable: false,
    });
  });
});
