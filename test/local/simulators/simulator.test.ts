import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FrontSimulator, startFrontSimulator } from '../../../local/simulators/front.ts';
import { send } from './receiving-desk.ts';

const secrets = { apiToken: 'front-token', appSigningKey: 'front-app-key', ruleSecret: 'front-rule-secret' };
const authorised = { Authorization: `Bearer ${secrets.apiToken}` };
let front: FrontSimulator;

beforeEach(async () => {
  front = await startFrontSimulator({ deskUrl: 'http://127.0.0.1:1', ...secrets });
});
afterEach(() => front.close());

const conversation = (id = 'cnv_1') => send('GET', `${front.url}/conversations/${id}`, undefined, authorised);
const fault = (wish: object) => send('PUT', `${front.url}/_sim/faults`, wish);
const calls = async () => Object((await send('GET', `${front.url}/_sim/calls`)).body).calls;

test('calls are listed newest last with their status and without the credential, until they are deleted', async () => {
  await conversation();
  await send('POST', `${front.url}/conversations/cnv_1/messages?x=1`, { body: 'Hi' }, authorised);
  const [read, posted] = await calls();
  expect(read).toMatchObject({ method: 'GET', path: '/conversations/cnv_1', status: 200, at: expect.any(String) });
  expect(posted).toMatchObject({
    method: 'POST',
    path: '/conversations/cnv_1/messages?x=1',
    status: 202,
    body: { body: 'Hi' },
  });
  expect(posted.id).toBeGreaterThan(read.id);
  expect(posted.headers.authorization).toBe('Bearer [redacted]');
  expect(await send('DELETE', `${front.url}/_sim/calls`)).toMatchObject({ status: 204 });
  expect(await calls()).toEqual([]);
});

test('the next count calls fail with the ordered status in the shape of the vendor, and are logged so', async () => {
  await fault({ status: 503, count: 2 });
  expect(await conversation()).toMatchObject({ status: 503, body: { _error: { status: 503 } } });
  expect(await conversation()).toMatchObject({ status: 503 });
  expect(await conversation()).toMatchObject({ status: 200 });
  expect((await calls()).map(({ status }: { status: number }) => status)).toEqual([503, 503, 200]);
});

test('a failed call changes nothing at the vendor', async () => {
  await fault({ status: 500 });
  await send('POST', `${front.url}/conversations/cnv_1/messages`, { body: 'Hi' }, authorised);
  const listed = await send('GET', `${front.url}/conversations/cnv_1/messages`, undefined, authorised);
  expect(listed.body).toMatchObject({ _results: [] });
});

test('a dropped call loses its connection and is logged with status 0', async () => {
  await fault({ drop: true });
  await expect(conversation()).rejects.toThrow('fetch failed');
  expect(await calls()).toMatchObject([{ status: 0 }]);
});

test('a delay alone answers late and normally; meanwhile the call is seen without a status', async () => {
  await fault({ delayMs: 150 });
  const started = performance.now();
  const slow = conversation();
  await expect.poll(calls, { interval: 5 }).toMatchObject([{ status: null }]);
  expect(await slow).toMatchObject({ status: 200 });
  expect(performance.now() - started).toBeGreaterThanOrEqual(149);
});

test('a fault with a path hits only calls below it, and a 429 says when to come again', async () => {
  await fault({ status: 429, path: '/messages' });
  expect(await conversation()).toMatchObject({ status: 200 });
  const limited = await send('GET', `${front.url}/messages/msg_1`, undefined, authorised);
  expect(limited.status).toBe(429);
  expect(limited.headers.get('retry-after')).toBe('1');
});

test('cleared faults hit nobody', async () => {
  await fault({ status: 500, count: 9 });
  await send('DELETE', `${front.url}/_sim/faults`);
  expect(await conversation()).toMatchObject({ status: 200 });
});

test('bad input to _sim is 400 with a sentence that names the field; _sim itself is neither logged nor failed', async () => {
  await fault({ status: 500 });
  const refused = await send('POST', `${front.url}/_sim/events`, { deliver: 0 });
  expect(refused).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^The simulator cannot do that: deliver: .+\.$/) },
  });
  expect(await fault({})).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('needs at least one of') },
  });
  expect(await send('GET', `${front.url}/_sim/nothing`)).toMatchObject({ status: 404 });
  expect(await calls()).toEqual([]);
});

test('an empty secret and a taken port are refused at start in a whole sentence', async () => {
  const deskUrl = 'http://127.0.0.1:1';
  const unsafe = startFrontSimulator({ deskUrl, ...secrets, appSigningKey: '' });
  await expect(unsafe).rejects.toThrow('The Front simulator needs a appSigningKey that is not empty.');
  const port = Number(new URL(front.url).port);
  await expect(startFrontSimulator({ port, deskUrl, ...secrets })).rejects.toThrow(
    /^The Front simulator cannot listen on port/,
  );
});

test('close ends even while a call is being delayed', async () => {
  const other = await startFrontSimulator({ deskUrl: 'http://127.0.0.1:1', ...secrets });
  await send('PUT', `${other.url}/_sim/faults`, { delayMs: 600_000 });
  const call = send('GET', `${other.url}/conversations/cnv_1`, undefined, authorised);
  const ended = call.then(
    () => 'answered',
    () => 'lost',
  );
  const arrived = async () => Object((await send('GET', `${other.url}/_sim/calls`)).body).calls;
  await expect.poll(arrived, { interval: 5 }).toHaveLength(1);
  await other.close();
  expect(await ended).toBe('lost');
});
