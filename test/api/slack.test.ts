import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import Koa from 'koa';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RequestState } from '../../api/context.ts';
import { renderProblem } from '../../api/problem.ts';
import { createSlackEvents } from '../../api/slack.ts';
import { createLedger } from '../../db/ledger.ts';
import type { Database } from '../../db/orm.ts';
import { createSlack } from '../../integrations/slack.ts';
import { type SlackSimulator, startSlackSimulator } from '../../local/simulators/slack.ts';
import { openTestDatabase } from '../support/database.ts';

const BOT_TOKEN = 'xoxb-test-token-0000';
const SECRET = 'signing-secret-0000';
const CHANNEL = 'C0TEST';
const REQUEST_ID = 'request-1';
const logger = pino({ level: 'silent' });

const sentSchema = z.object({
  sent: z.object({ body: z.string() }),
  deliveries: z.array(z.object({ status: z.number(), body: z.unknown() })),
});
const callsSchema = z.object({ calls: z.array(z.object({ path: z.string() })) });

let db: Database;
let simulator: SlackSimulator;
let desk: { url: string; server: Server };
let card: { ticketId: string; draftId: string };

beforeAll(async () => {
  db = await openTestDatabase();
  simulator = await startSlackSimulator({ deskUrl: 'http://127.0.0.1:1', botToken: BOT_TOKEN, signingSecret: SECRET });
  desk = await startDesk(db.pool);
  simulator.setDeskUrl(desk.url);
});

afterAll(async () => {
  desk.server.close();
  await simulator.close();
  await db.close();
});

beforeEach(async () => {
  await db.pool.query('truncate inbox, webhook_refusals');
  card = { ticketId: randomUUID(), draftId: randomUUID() };
  await postButtons(JSON.stringify(card));
  await fetch(`${simulator.url}/_sim/calls`, { method: 'DELETE' });
});

describe('a click', () => {
  test.each([
    ['draft_approve', 'approve'],
    ['draft_discard', 'discard'],
  ])('on %s is one row that the relay can execute', async (actionId, decision) => {
    const user = { id: 'U0ADA', username: 'ada', name: 'Ada' };
    const { deliveries } = await send({ kind: 'action', actionId, triggerId: 'trigger-1', user });
    expect(deliveries).toEqual([{ status: 200, body: '' }]);
    const [row, ...others] = await inbox();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      source: 'slack',
      external_id: 'trigger-1',
      kind: 'draft_decision',
      conversation_key: `ticket:${card.ticketId}`,
      state: 'received',
      reason: null,
      request_id: REQUEST_ID,
    });
    expect(JSON.parse(row?.body ?? '')).toEqual({
      ...card,
      decision,
      user: { id: 'U0ADA', name: 'Ada' },
      responseUrl: expect.stringMatching(`^${simulator.url}/response/`),
    });
  });

  test('delivered twenty times at once is one row, and every delivery is acknowledged', async () => {
    const { deliveries } = await send({ kind: 'action', actionId: 'draft_approve', deliver: 20 });
    expect(deliveries.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await inbox()).toHaveLength(1);
  });

  test('that Slack sends for the second time only is stored all the same', async () => {
    await send({ kind: 'action', actionId: 'draft_approve', retryNum: 1 });
    expect(await inbox()).toHaveLength(1);
  });

  test('by each of two people is a row of each, in one line of one ticket', async () => {
    await send({ kind: 'action', actionId: 'draft_approve', user: { id: 'U0ADA', username: 'ada', name: 'Ada' } });
    await send({ kind: 'action', actionId: 'draft_discard', user: { id: 'U0BOB', username: 'bob', name: 'Bob' } });
    expect((await inbox()).map((row) => row.conversation_key)).toEqual([
      `ticket:${card.ticketId}`,
      `ticket:${card.ticketId}`,
    ]);
  });

  test('without a trigger is known by its moment and its clicker', async () => {
    const payload = {
      type: 'block_actions',
      user: { id: 'U0ADA' },
      actions: [
        { type: 'button', action_id: 'draft_approve', block_id: 'b', action_ts: '17.5', value: JSON.stringify(card) },
      ],
    };
    await expect(post(form({ payload: JSON.stringify(payload) }))).resolves.toMatchObject({ status: 200 });
    expect((await inbox()).map((row) => row.external_id)).toEqual(['17.5:U0ADA']);
  });

  test('asks nothing of Slack', async () => {
    await send({ kind: 'action', actionId: 'draft_approve' });
    const { calls } = callsSchema.parse(await (await fetch(`${simulator.url}/_sim/calls`)).json());
    expect(calls).toEqual([]);
  });

  test('that cannot be stored is not acknowledged', async () => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: 1 });
    const broken = await startDesk(pool);
    const answer = await post(form({ payload: JSON.stringify(clickOn(JSON.stringify(card))) }), undefined, broken.url);
    expect(answer.status).toBe(503);
    broken.server.close();
    await pool.end();
  });
});

describe('a request that is not Slack’s is refused and leaves nothing but a count', () => {
  const cases: [string, (body: string) => Record<string, string>, string][] = [
    ['without a signature', (body) => without('X-Slack-Signature', signed(body)), 'missing'],
    ['without a timestamp', (body) => without('X-Slack-Request-Timestamp', signed(body)), 'missing'],
    ['with an empty signature', (body) => ({ ...signed(body), 'X-Slack-Signature': '' }), 'missing'],
    ['with an empty digest', (body) => ({ ...signed(body), 'X-Slack-Signature': 'v0=' }), 'malformed'],
    ['with a truncated signature', (body) => changed(body, (value) => value.slice(0, -1)), 'malformed'],
    ['with half a signature', (body) => changed(body, (value) => value.slice(0, 35)), 'malformed'],
    ['with a prefix before it', (body) => changed(body, (value) => `x${value}`), 'malformed'],
    ['with more after it', (body) => changed(body, (value) => `${value}=x`), 'malformed'],
    ['with two of them', (body) => changed(body, (value) => `${value},${value}`), 'malformed'],
    ['of another version', (body) => changed(body, (value) => value.replace('v0', 'v1')), 'malformed'],
    [
      'with one wrong digit',
      (body) => changed(body, (value) => value.replace(/.$/, (d) => (d === '0' ? '1' : '0'))),
      'mismatch',
    ],
    ['signed with another secret', (body) => signed(body, nowSeconds(), 'another-secret-00000'), 'mismatch'],
    ['signed with an empty secret', (body) => signed(body, nowSeconds(), ''), 'mismatch'],
    ['signed over another body', () => signed('payload=%7B%7D'), 'mismatch'],
    [
      'signed at another time',
      (body) => ({ ...signed(body), 'X-Slack-Request-Timestamp': String(nowSeconds() - 5) }),
      'mismatch',
    ],
    ['that is six minutes old', (body) => signed(body, nowSeconds() - 360), 'stale'],
    ['from six minutes ahead', (body) => signed(body, nowSeconds() + 360), 'stale'],
    ['with words for a timestamp', (body) => signed(body, 'NaN'), 'malformed'],
    ['with a fraction for a timestamp', (body) => signed(body, `${nowSeconds()}.5`), 'malformed'],
  ];

  test.each(cases)('%s', async (_name, headersFor, reason) => {
    const { body } = form({ payload: JSON.stringify(clickOn(JSON.stringify(card))) });
    const answer = await post(
      { body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      headersFor(body),
    );
    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json', code: 'invalid_signature' });
    expect(await inbox()).toEqual([]);
    expect(await refusals()).toEqual([{ source: 'slack', reason, count: '1' }]);
  });

  test('while one that is four minutes off is taken', async () => {
    for (const offset of [-240, 240]) {
      const { body, headers } = form({
        payload: JSON.stringify({ ...clickOn(JSON.stringify(card)), trigger_id: `t${offset}` }),
      });
      await expect(post({ body, headers }, signed(body, nowSeconds() + offset))).resolves.toMatchObject({
        status: 200,
      });
    }
    expect(await inbox()).toHaveLength(2);
  });

  test('also when the count cannot be written', async () => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: 1 });
    const broken = await startDesk(pool);
    await expect(post(json({}), { 'X-Slack-Signature': 'v0=' }, broken.url)).resolves.toMatchObject({ status: 401 });
    broken.server.close();
    await pool.end();
  });
});

test('an empty signing secret is refused at start-up', () => {
  const config = { apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, signingSecret: '' };
  expect(() => createSlackEvents({ config, ledger: createLedger(db.pool), logger })).toThrow(
    'SLACK_SIGNING_SECRET is empty',
  );
});

test('the check of the address is answered with its challenge', async () => {
  const answer = await post(json({ type: 'url_verification', token: 'unused', challenge: 'c-1' }));
  expect(answer).toMatchObject({ status: 200, text: '{"challenge":"c-1"}' });
});

describe('what the desk does not use is acknowledged and let go', () => {
  test.each([
    ['an event', { kind: 'event', event: { type: 'message', channel: CHANNEL, user: 'U0ADA', text: 'hello' } }],
    ['an event that is retried', { kind: 'event', event: { type: 'app_mention' }, retryNum: 3 }],
    ['a command', { kind: 'command', command: '/ticket', text: 'x' }],
    ['another button', { kind: 'action', actionId: 'something_else', value: '1' }],
    ['a button that only begins like ours', { kind: 'action', actionId: 'draft_edit', value: '1' }],
  ])('%s', async (_name, wish) => {
    const messageTs = wish.kind === 'action' ? { messageTs: '1.1' } : {};
    const { deliveries } = await send({ ...wish, ...messageTs });
    expect(deliveries).toEqual([{ status: 200, body: '' }]);
    expect(await inbox()).toEqual([]);
  });

  test("Slack's check of a certificate", async () => {
    await expect(post(form({ ssl_check: '1', token: 'unused' }))).resolves.toMatchObject({ status: 200 });
  });
});

describe('a broken payload is refused with 400', () => {
  test.each<[string, () => Signable]>([
    ['no JSON', () => ({ ...json({}), body: '{' })],
    ['nothing', () => ({ ...json({}), body: '' })],
    ['a list', () => json([])],
    ['null', () => json(null)],
    ['an event that is no object', () => json({ type: 'event_callback', event: 7 })],
    ['a payload that is no JSON', () => form({ payload: '{' })],
    ['a click without a clicker', () => changedClick({ user: undefined })],
    ['a click on nothing', () => changedClick({ actions: [] })],
    ['a value that is no JSON', () => valuedClick('draft')],
    ['a value without a draft', () => valuedClick(JSON.stringify({ ticketId: card.ticketId }))],
    ['a value whose id is none', () => valuedClick(JSON.stringify({ ...card, ticketId: "1' or 1=1" }))],
    ['a value with more than ids', () => valuedClick(JSON.stringify({ ...card, decision: 'approve' }))],
  ])('%s', async (_name, signable) => {
    await expect(post(signable())).resolves.toMatchObject({ status: 400, code: 'invalid_json' });
    expect(await inbox()).toEqual([]);
  });

  test('and one beyond a megabyte with 413', async () => {
    await expect(post(json({ text: 'x'.repeat(1024 * 1024) }))).resolves.toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
  });
});

interface Signable {
  body: string;
  headers: Record<string, string>;
}

async function startDesk(pool: pg.Pool): Promise<{ url: string; server: Server }> {
  const config = { apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, signingSecret: SECRET };
  const events = createSlackEvents({ config, ledger: createLedger(pool), logger });
  const app = new Koa<RequestState>();
  app.use(async (ctx) => {
    ctx.state.requestId = REQUEST_ID;
    try {
      await events(ctx);
    } catch (error) {
      renderProblem(ctx, error, logger);
    }
  });
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The desk has no port.');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

/** Buttons as the card has them. */
async function postButtons(value: string): Promise<void> {
  const slack = createSlack({ apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, channel: CHANNEL });
  const button = (id: string) => ({
    type: 'button' as const,
    action_id: id,
    text: { type: 'plain_text' as const, text: id },
    value,
  });
  const elements = [button('draft_approve'), button('draft_discard')];
  await slack.post(CHANNEL, { key: 'card:test', text: 'T-1001 is open', blocks: [{ type: 'actions', elements }] });
}

async function send(wish: object) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${simulator.url}/_sim/events`, { method: 'POST', headers, body: JSON.stringify(wish) });
  const { sent, deliveries } = sentSchema.parse(await answer.json());
  return { sent, deliveries: deliveries.map(({ status, body }) => ({ status, body })) };
}

function clickOn(value: string) {
  return {
    type: 'block_actions',
    trigger_id: 'trigger-2',
    user: { id: 'U0ADA', name: 'ada' },
    response_url: `${simulator.url}/response/1`,
    actions: [{ type: 'button', action_id: 'draft_approve', block_id: 'b', action_ts: '17.5', value }],
  };
}

function changedClick(over: object): Signable {
  return form({ payload: JSON.stringify({ ...clickOn(JSON.stringify(card)), ...over }) });
}

function valuedClick(value: string): Signable {
  return form({ payload: JSON.stringify(clickOn(value)) });
}

function form(fields: Record<string, string>): Signable {
  return {
    body: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  };
}

function json(body: unknown): Signable {
  return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

async function post({ body, headers }: Signable, signature: Record<string, string> = signed(body), url = desk.url) {
  const all = { ...headers, ...signature };
  const answer = await fetch(`${url}/slack/events`, { method: 'POST', headers: all, body });
  const text = await answer.text();
  const [type] = (answer.headers.get('content-type') ?? '').split(';');
  const code = type === 'application/problem+json' ? z.object({ code: z.string() }).parse(JSON.parse(text)).code : null;
  return { status: answer.status, type, text, code };
}

function signed(body: string, timestamp: number | string = nowSeconds(), secret = SECRET) {
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'X-Slack-Request-Timestamp': String(timestamp), 'X-Slack-Signature': `v0=${digest}` };
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function changed(body: string, change: (signature: string) => string): Record<string, string> {
  const headers = signed(body);
  return { ...headers, 'X-Slack-Signature': change(headers['X-Slack-Signature']) };
}

function without(name: string, headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

async function inbox() {
  const { rows } = await db.pool.query<{ external_id: string; conversation_key: string; body: string }>(
    'select * from inbox order by id',
  );
  return rows;
}

async function refusals(): Promise<unknown[]> {
  const { rows } = await db.pool.query<{ reason: string }>('select source, reason, count::text from webhook_refusals');
  return rows;
}
