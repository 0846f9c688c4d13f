import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FrontSimulator, startFrontSimulator } from '../../../local/simulators/front.ts';
import { send, startReceivingDesk } from './receiving-desk.ts';

const secrets = { apiToken: 'front-token', appSigningKey: 'front-app-key', ruleSecret: 'front-rule-secret' };
const authorised = { Authorization: `Bearer ${secrets.apiToken}` };
let desk: Awaited<ReturnType<typeof startReceivingDesk>>;
let front: FrontSimulator;

beforeEach(async () => {
  desk = await startReceivingDesk();
  front = await startFrontSimulator({ deskUrl: desk.url, ...secrets });
});
afterEach(async () => {
  await front.close();
  await desk.close();
});

const reply = (id: string, body: unknown, headers: Record<string, string> = authorised) =>
  send('POST', `${front.url}/conversations/${id}/messages`, body, headers);
const event = (wish: object) => send('POST', `${front.url}/_sim/events`, wish);

test('a reply is accepted with a message_uid, under which the outbound message is found', async () => {
  const accepted = await reply('cnv_abc123', { body: '<p>We are on it.</p>' });
  expect(accepted).toMatchObject({ status: 202, body: { status: 'accepted', message_uid: expect.any(String) } });

  const listed = await send('GET', `${front.url}/conversations/cnv_abc123/messages`, undefined, authorised);
  const outbound = { is_inbound: false, body: '<p>We are on it.</p>', text: 'We are on it.', type: 'email' };
  expect(listed.body).toMatchObject({ _pagination: { next: null }, _results: [outbound] });
  const { message_uid: uid } = Object(accepted.body);
  const found = await send('GET', `${front.url}/messages/alt:uid:${uid}`, undefined, authorised);
  expect(found).toMatchObject({ status: 200, body: outbound });
});

test('a reply without the token is refused with 401 in the shape of Front', async () => {
  const refused = await reply('cnv_abc123', { body: 'Hello' }, { Authorization: 'Bearer wrong' });
  const error = { status: 401, title: 'Unauthenticated', message: expect.any(String) };
  expect(refused).toMatchObject({ status: 401, body: { _error: error } });
});

test('a reply to a conversation that is missing or not of the form of Front is 404, and one without a text 400', async () => {
  await send('PUT', `${front.url}/_sim/missing`, { ids: ['cnv_gone'] });
  expect(await reply('cnv_gone', { body: 'Hello' })).toMatchObject({ status: 404, body: { _error: { status: 404 } } });
  expect(await reply('conversation-7', { body: 'Hello' })).toMatchObject({ status: 404 });
  expect(await reply('cnv_abc123', { body: '  ' })).toMatchObject({ status: 400, body: { _error: { status: 400 } } });
  const { body } = await send('GET', `${front.url}/_sim/state`);
  expect(body).toEqual({ conversations: [], missing: ['cnv_gone'] });
});

test('an application webhook is signed over timestamp and body with SHA-256 and wraps the event', async () => {
  const from = { email: 'ann@example.com', name: 'Ann' };
  const emittedAt = '2026-11-21T10:00:00.250Z';
  const sent = await event({
    conversationId: 'cnv_1',
    messageId: 'msg_1',
    eventId: 'evt_1',
    subject: 'Hi',
    body: 'a < b',
    from,
    emittedAt,
  });
  expect(sent).toMatchObject({ status: 200, body: { status: 200, body: { accepted: true }, eventId: 'evt_1' } });

  const [got] = desk.received;
  expect(got?.path).toBe('/webhooks/front');
  const timestamp = String(got?.headers['x-front-request-timestamp']);
  expect(Math.abs(Date.now() - Number(timestamp))).toBeLessThan(60_000);
  const expected = createHmac('sha256', secrets.appSigningKey).update(`${timestamp}:${got?.raw}`).digest('base64');
  expect(got?.headers['x-front-signature']).toBe(expected);
  expect(JSON.parse(got?.raw ?? '')).toMatchObject({
    type: 'inbound_received',
    authorization: { id: expect.stringMatching(/^cmp_/) },
    payload: {
      id: 'evt_1',
      type: 'inbound',
      emitted_at: Date.parse(emittedAt) / 1000,
      conversation: { id: 'cnv_1', subject: 'Hi', recipient: { handle: from.email } },
      target: {
        _meta: { type: 'message' },
        data: { id: 'msg_1', is_inbound: true, text: 'a < b', body: '<div>a &lt; b</div>' },
      },
    },
  });
});

test('a rule webhook is the event itself, signed with SHA-1; its preview lacks the text, which the API has', async () => {
  await event({
    via: 'rule',
    preview: true,
    messageId: 'msg_2',
    body: 'My parcel is lost.',
    from: { email: 'bo@example.com' },
  });
  const [got] = desk.received;
  const expected = createHmac('sha1', secrets.ruleSecret)
    .update(got?.raw ?? '')
    .digest('base64');
  expect(got?.headers['x-front-signature']).toBe(expected);
  expect(got?.headers['x-front-request-timestamp']).toBeUndefined();
  const body = JSON.parse(got?.raw ?? '');
  expect(body).toMatchObject({
    id: expect.stringMatching(/^evt_[a-z0-9]+$/),
    type: 'inbound',
    target: { data: { id: 'msg_2' } },
  });
  expect(body.target.data).not.toHaveProperty('text');
  expect(body.target.data).not.toHaveProperty('body');

  const full = await send('GET', `${front.url}/messages/msg_2`, undefined, authorised);
  const recipients = [{ handle: 'bo@example.com', role: 'from' }, { role: 'to' }];
  expect(full.body).toMatchObject({ id: 'msg_2', text: 'My parcel is lost.', recipients });
});

test('a sync is signed and carries a challenge', async () => {
  await event({ type: 'sync' });
  const [got] = desk.received;
  const signed = `${String(got?.headers['x-front-request-timestamp'])}:${got?.raw}`;
  const expected = createHmac('sha256', secrets.appSigningKey).update(signed).digest('base64');
  expect(got?.headers['x-front-signature']).toBe(expected);
  expect(got?.headers['x-front-challenge']).toMatch(/.{8,}/);
  expect(JSON.parse(got?.raw ?? '')).toMatchObject({ type: 'sync' });
});

test('deliver: 20 sends the same webhook twenty times at once', async () => {
  const holding = await startReceivingDesk(() => ({ duplicate: false }), 20);
  front.setDeskUrl(holding.url);
  const sent = await event({ deliver: 20 });
  expect(Object(sent.body).deliveries).toHaveLength(20);
  expect(new Set(holding.received.map(({ raw }) => raw)).size).toBe(1);
  await holding.close();
});

test('send: false only builds the webhook, and a desk that is not there is an answer with status 0', async () => {
  const built = await event({ send: false });
  expect(built.body).toMatchObject({ headers: { 'X-Front-Signature': expect.any(String) }, body: expect.any(String) });
  expect(desk.received).toEqual([]);
  front.setDeskUrl('http://127.0.0.1:1');
  expect((await event({})).body).toMatchObject({ status: 0, body: expect.stringContaining('did not answer') });
});
