import { createHmac } from 'node:crypto';
import { webApi } from '@slack/bolt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SlackSimulator, startSlackSimulator } from '../../../local/simulators/slack.ts';
import { send, startReceivingDesk } from './receiving-desk.ts';

const secrets = { botToken: 'xoxb-simulated', signingSecret: 'slack-signing-secret' };
const channel = 'C0SUPPORT';
const approve = {
  type: 'button',
  action_id: 'approve',
  value: 'T-1:3',
  text: { type: 'plain_text', text: 'Approve' },
} as const;
const card = [{ type: 'actions', elements: [approve] }] as const;
let desk: Awaited<ReturnType<typeof startReceivingDesk>>;
let slack: SlackSimulator;
let client: webApi.WebClient;

beforeEach(async () => {
  desk = await startReceivingDesk();
  slack = await startSlackSimulator({ deskUrl: desk.url, ...secrets });
  client = clientWith(secrets.botToken);
});
afterEach(async () => {
  await slack.close();
  await desk.close();
});

function clientWith(token: string): webApi.WebClient {
  const logLevel = webApi.LogLevel.ERROR;
  return new webApi.WebClient(token, { slackApiUrl: `${slack.url}/api/`, retryConfig: { retries: 0 }, logLevel });
}

function post(message: webApi.ChatPostMessageArguments, by = client) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is Slack's, not the window's
  return by.chat.postMessage(message);
}

async function say(text: string): Promise<string> {
  return (await post({ channel, text })).ts ?? '';
}

function signatureOf(headers: Record<string, unknown>, raw: string): string {
  const basis = `v0:${String(headers['x-slack-request-timestamp'])}:${raw}`;
  return `v0=${createHmac('sha256', secrets.signingSecret).update(basis).digest('hex')}`;
}

test('the real client posts a card, updates it and finds it by its metadata', async () => {
  const metadata = { event_type: 'ticket_card', event_payload: { ticket: 'T-1' } };
  const posted = await post({ channel, text: 'T-1', blocks: [...card], metadata });
  const ts = posted.ts ?? '';
  await client.chat.update({ channel, ts, text: 'T-1, taken' });

  const { messages } = await client.conversations.history({ channel, include_all_metadata: true, limit: 10 });
  const found = messages?.find((message) => message.metadata?.event_type === 'ticket_card');
  expect(found).toMatchObject({
    ts,
    text: 'T-1, taken',
    metadata,
    blocks: [{ type: 'actions', block_id: expect.any(String) }],
  });
  const plain = await client.conversations.history({ channel });
  expect(plain.messages?.[0]).not.toHaveProperty('metadata');
});

test('a channel is listed newest first, in pages, within its bounds, and a thread oldest first', async () => {
  const [first, second, third] = [await say('one'), await say('two'), await say('three')];
  await post({ channel, text: 'a reply', thread_ts: first });
  const page = await client.conversations.history({ channel, limit: 2 });
  expect(page.messages?.map(({ text }) => text)).toEqual(['three', 'two']);
  const cursor = page.response_metadata?.next_cursor ?? '';
  const rest = await client.conversations.history({ channel, limit: 2, cursor });
  expect(rest.messages?.map(({ text }) => text)).toEqual(['one']);
  const between = await client.conversations.history({ channel, oldest: first, latest: third });
  expect(between.messages?.map(({ ts }) => ts)).toEqual([second]);
  const thread = await client.conversations.replies({ channel, ts: first });
  expect(thread.messages?.map(({ text }) => text)).toEqual(['one', 'a reply']);
});

test('a wrong token, an unknown method, a message that is not there and oversized blocks are refused as by Slack', async () => {
  await expect(clientWith('xoxb-wrong').auth.test()).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
  await expect(client.apiCall('chat.shout')).rejects.toMatchObject({ data: { error: 'unknown_method' } });
  const update = client.chat.update({ channel, ts: '1.2', text: 'x' });
  await expect(update).rejects.toMatchObject({ data: { error: 'message_not_found' } });
  const long = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } } as const;
  const oversized = post({ channel, text: 'x', blocks: [long] });
  await expect(oversized).rejects.toMatchObject({ data: { error: 'invalid_blocks' } });
});

test('auth, users, ephemeral messages and views answer the real client', async () => {
  expect(await client.auth.test()).toMatchObject({ ok: true, bot_id: expect.any(String) });
  expect(await client.users.info({ user: 'U123' })).toMatchObject({
    user: { id: 'U123', profile: { email: expect.any(String) } },
  });
  expect(await client.chat.postEphemeral({ channel, user: 'U123', text: 'Only you' })).toMatchObject({ ok: true });
  const title = { type: 'plain_text', text: 'Edit' } as const;
  const opened = await client.views.open({
    trigger_id: '1.2.3',
    view: { type: 'modal', title, blocks: [], private_metadata: 'T-1:3' },
  });
  expect(opened.view).toMatchObject({ id: expect.stringMatching(/^V/), private_metadata: 'T-1:3' });
  await send('POST', `${slack.url}/_sim/events`, { kind: 'view', values: { b: { body: { value: 'New text' } } } });
  const payload = new URLSearchParams(desk.received[0]?.raw).get('payload') ?? '';
  expect(JSON.parse(payload)).toMatchObject({
    type: 'view_submission',
    view: { private_metadata: 'T-1:3', state: { values: { b: { body: { value: 'New text' } } } } },
  });
});

test('the same method takes its arguments as JSON', async () => {
  const headers = { Authorization: `Bearer ${secrets.botToken}` };
  const posted = await send('POST', `${slack.url}/api/chat.postMessage`, { channel, text: 'x', blocks: card }, headers);
  expect(posted).toMatchObject({ status: 200, body: { ok: true, message: { blocks: [{ type: 'actions' }] } } });
});

test('a click on the newest card is form-encoded, signed, and carries the value of its button', async () => {
  const { ts } = await post({ channel, text: 'T-1', blocks: [...card] });
  const user = { id: 'U1', username: 'ann', name: 'Ann' };
  const sent = await send('POST', `${slack.url}/_sim/events`, {
    kind: 'action',
    actionId: 'approve',
    user,
    actionTs: '7.000001',
  });
  expect(sent.body).toMatchObject({ status: 200, body: { accepted: true } });

  const [got] = desk.received;
  expect(got?.path).toBe('/slack/events');
  expect(got?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(got?.headers['x-slack-signature']).toBe(signatureOf(got?.headers ?? {}, got?.raw ?? ''));
  const payload = JSON.parse(new URLSearchParams(got?.raw).get('payload') ?? '');
  const action = {
    action_id: 'approve',
    block_id: expect.any(String),
    value: 'T-1:3',
    type: 'button',
    action_ts: '7.000001',
  };
  expect(payload).toMatchObject({
    type: 'block_actions',
    user,
    container: { message_ts: ts, channel_id: channel },
    channel: { id: channel },
    message: { ts, text: 'T-1' },
    trigger_id: expect.any(String),
    api_app_id: expect.any(String),
    actions: [action],
  });

  const answer = { text: 'Ann has already approved this.' };
  await fetch(payload.response_url, { method: 'POST', body: JSON.stringify(answer) });
  const { body: state } = await send('GET', `${slack.url}/_sim/state`);
  expect(state).toMatchObject({ responses: [{ body: answer }] });
});

test('a command is form-encoded and an event is JSON with its event_id and authorizations, both signed', async () => {
  await send('POST', `${slack.url}/_sim/events`, { kind: 'command', command: '/ticket', text: 'list' });
  const event = { type: 'message', channel, user: 'U1', text: 'A note' };
  await send('POST', `${slack.url}/_sim/events`, { kind: 'event', event, eventId: 'Ev1', retryNum: 1 });
  const [command, note] = desk.received;
  for (const got of [command, note]) {
    expect(got?.headers['x-slack-signature']).toBe(signatureOf(got?.headers ?? {}, got?.raw ?? ''));
  }
  const fields = Object.fromEntries(new URLSearchParams(command?.raw));
  expect(fields).toMatchObject({
    command: '/ticket',
    text: 'list',
    user_id: 'U0AGENT',
    trigger_id: expect.any(String),
  });
  const envelope = JSON.parse(note?.raw ?? '');
  expect(envelope).toMatchObject({
    type: 'event_callback',
    event_id: 'Ev1',
    event,
    authorizations: [{ team_id: expect.any(String) }],
  });
  expect(note?.headers['x-slack-retry-num']).toBe('1');
  const { messages } = await client.conversations.history({ channel });
  expect(messages?.map(({ text }) => text)).toEqual(['A note']);
});

test('deliver: 10 sends one click ten times at once; a click on nothing is a whole sentence', async () => {
  await post({ channel, text: 'T-1', blocks: [...card] });
  const holding = await startReceivingDesk(() => ({}), 10);
  slack.setDeskUrl(holding.url);
  await send('POST', `${slack.url}/_sim/events`, { kind: 'action', actionId: 'approve', deliver: 10 });
  expect(holding.received).toHaveLength(10);
  expect(new Set(holding.received.map(({ raw }) => raw)).size).toBe(1);
  await holding.close();
  const nothing = await send('POST', `${slack.url}/_sim/events`, { kind: 'action', actionId: 'discard' });
  expect(nothing).toMatchObject({
    status: 400,
    body: { error: 'No message holds an element with the action discard.' },
  });
});

test('a 429 makes the real client wait and try again, and any error of Slack can be ordered', async () => {
  const patient = new webApi.WebClient(secrets.botToken, {
    slackApiUrl: `${slack.url}/api/`,
    retryConfig: { retries: 1, minTimeout: 0, maxTimeout: 0 },
    logLevel: webApi.LogLevel.ERROR,
  });
  await send('PUT', `${slack.url}/_sim/faults`, { status: 429, retryAfter: 0 });
  expect(await post({ channel, text: 'x' }, patient)).toMatchObject({ ok: true });
  await send('PUT', `${slack.url}/_sim/faults`, { error: 'is_archived' });
  await expect(post({ channel, text: 'x' })).rejects.toMatchObject({
    data: { error: 'is_archived' },
  });
});
