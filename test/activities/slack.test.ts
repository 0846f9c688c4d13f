import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createSlackActivities, type SlackActivities } from '../../activities/slack.ts';
import type { Database } from '../../db/orm.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { createSlack, type Slack } from '../../integrations/slack.ts';
import { type SlackSimulator, startSlackSimulator } from '../../local/simulators/slack.ts';
import { openTestDatabase } from '../support/database.ts';
import { apply, hire, openTicket, proposeDraft } from './support.ts';

const BOT_TOKEN = 'xoxb-test-token-0000';
const CANARY = 'canary-7f3a';
/** Of this file's database only: others share the server. */
const ADVISORY_LOCKS = `from pg_locks where locktype = 'advisory'
  and database = (select oid from pg_database where datname = current_database())`;

const stateSchema = z.object({
  channels: z.record(
    z.string(),
    z.array(z.looseObject({ ts: z.string(), text: z.string(), blocks: z.unknown(), metadata: z.unknown() })),
  ),
});
const callsSchema = z.object({ calls: z.array(z.object({ path: z.string() })) });

let db: Database;
let simulator: SlackSimulator;
let slack: Slack;
let activities: SlackActivities;
let channel: string;
let logged: string[];

beforeAll(async () => {
  db = await openTestDatabase();
  simulator = await startSlackSimulator({
    deskUrl: 'http://127.0.0.1:1',
    botToken: BOT_TOKEN,
    signingSecret: 'signing-secret-0000',
  });
});

afterAll(async () => {
  await simulator.close();
  await db.close();
});

beforeEach(async () => {
  await fetch(`${simulator.url}/_sim/faults`, { method: 'DELETE' });
  await fetch(`${simulator.url}/_sim/calls`, { method: 'DELETE' });
  channel = `C${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`;
  slack = createSlack({ apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, channel });
  logged = [];
  activities = activitiesWith(slack);
});

describe('the card', () => {
  test('is posted once and edited in place as the ticket moves', async () => {
    const ticket = await openTicket(db.pool);
    await expect(activities.showCard({ ticketId: ticket.id })).resolves.toEqual({ version: 1 });
    const [first] = await messages();
    await proposeDraft(db.pool, ticket, 'It arrives tomorrow.');
    await expect(activities.showCard({ ticketId: ticket.id })).resolves.toEqual({ version: 2 });
    const shown = await messages();
    expect(shown).toHaveLength(1);
    expect(shown[0]?.ts).toBe(first?.ts);
    expect(JSON.stringify(first?.blocks)).not.toContain('draft_approve');
    expect(JSON.stringify(shown[0]?.blocks)).toContain('It arrives tomorrow.');
    expect(actionsOf(shown[0]?.blocks)).toEqual(['draft_approve', 'draft_discard']);
  });

  test('is left alone while it shows this version or a newer one', async () => {
    const ticket = await openTicket(db.pool);
    await activities.showCard({ ticketId: ticket.id });
    await activities.showCard({ ticketId: ticket.id });
    await db.pool.query('update slack_posts set version = 9 where key = $1', [`card:${ticket.id}`]);
    await proposeDraft(db.pool, ticket, 'It arrives tomorrow.');
    await expect(activities.showCard({ ticketId: ticket.id })).resolves.toEqual({ version: 9 });
    expect(await calls()).toEqual(['/api/chat.postMessage']);
  });

  test('of a worker that died before it noted the post is taken over, however much was written since', async () => {
    const ticket = await openTicket(db.pool);
    await activities.showCard({ ticketId: ticket.id });
    await forget(`card:${ticket.id}`);
    await Promise.all(
      Array.from({ length: 205 }, (_, n) => slack.post(channel, { key: `other:${n}`, text: 'x', blocks: [] })),
    );
    await proposeDraft(db.pool, ticket, 'It arrives tomorrow.');
    await expect(activities.showCard({ ticketId: ticket.id })).resolves.toEqual({ version: 2 });
    const cards = (await messages()).filter(({ text }) => text.startsWith('T-'));
    expect(cards).toHaveLength(1);
    expect(actionsOf(cards[0]?.blocks)).toEqual(['draft_approve', 'draft_discard']);
    await expect(postOf(`card:${ticket.id}`)).resolves.toEqual({ ts: cards[0]?.ts, version: 2 });
  });

  test('is posted by a run whose forerunner died before it posted', async () => {
    const ticket = await openTicket(db.pool);
    await db.pool.query('insert into slack_posts (key, channel) values ($1, $2)', [`card:${ticket.id}`, channel]);
    await activities.showCard({ ticketId: ticket.id });
    expect(await messages()).toHaveLength(1);
  });

  test('is one message when two runs overlap', async () => {
    const ticket = await openTicket(db.pool);
    await fault({ delayMs: 300, path: '/api/chat.postMessage' });
    const both = [activities.showCard({ ticketId: ticket.id }), activities.showCard({ ticketId: ticket.id })];
    await expect(Promise.all(both)).resolves.toEqual([{ version: 1 }, { version: 1 }]);
    expect(await messages()).toHaveLength(1);
  });

  test('stays in the channel it was posted to when another one is configured', async () => {
    const ticket = await openTicket(db.pool);
    await activities.showCard({ ticketId: ticket.id });
    await proposeDraft(db.pool, ticket, 'It arrives tomorrow.');
    const moved = createSlack({ apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, channel: 'C0ELSEWHERE' });
    await activitiesWith(moved).showCard({ ticketId: ticket.id });
    expect(JSON.stringify(await messages())).toContain('It arrives tomorrow.');
  });

  test('of a decided draft has no buttons and names who decided', async () => {
    const proposed = await proposeDraft(db.pool, await openTicket(db.pool), 'It arrives tomorrow.');
    await decideDraft(proposed, 'approve', await hire(db.pool, 'Ada'));
    await activities.showCard({ ticketId: proposed.id });
    const [card] = await messages();
    expect(actionsOf(card?.blocks)).toEqual([]);
    expect(JSON.stringify(card?.blocks)).toContain('approved by Ada');
    expect(JSON.stringify(card?.blocks)).toContain('*Assigned to:* Ada');
  });

  test('has buttons with ids only, for the draft that waits', async () => {
    const proposed = await proposeDraft(db.pool, await openTicket(db.pool), 'It arrives tomorrow.', 'simulator');
    await activities.showCard({ ticketId: proposed.id });
    const [card] = await messages();
    expect(valuesOf(card?.blocks)).toEqual([
      JSON.stringify({ ticketId: proposed.id, draftId: proposed.draft?.id }),
      JSON.stringify({ ticketId: proposed.id, draftId: proposed.draft?.id }),
    ]);
    expect(JSON.stringify(card?.blocks)).toContain('Draft (simulated)');
  });
});

describe('a Slack in trouble', () => {
  test.each([
    ['503', { status: 503 }, 'Slack answered 503.', undefined],
    ['429', { status: 429, retryAfter: 7 }, 'Slack answered 429.', 7000],
    ['a dropped connection', { drop: true }, 'Slack did not answer.', undefined],
    ['its internal_error', { error: 'internal_error' }, 'Slack refused: internal_error.', undefined],
  ])(
    'of %s is tried again later, and the failure holds no word of the customer',
    async (_name, wrong, message, delay) => {
      const ticket = await canaryTicket();
      await fault({ ...wrong, path: '/api/chat.postMessage' });
      const failure = await failureOf(activities.showCard({ ticketId: ticket.id }));
      expect(failure).toMatchObject({ message, type: 'vendor_unavailable', nonRetryable: false });
      expect(failure.nextRetryDelay).toBe(delay);
      expect(inspect(failure, { depth: 10 })).not.toContain(CANARY);
      await activities.showCard({ ticketId: ticket.id });
      expect(await messages()).toHaveLength(1);
      expect(logged.join('')).not.toContain(CANARY);
    },
  );

  test('that refuses us holds up no ticket, and the reason is logged without the words', async () => {
    const ticket = await canaryTicket();
    await fault({ error: 'channel_not_found', path: '/api/chat.postMessage' });
    await expect(activities.showCard({ ticketId: ticket.id })).resolves.toEqual({ version: ticket.version });
    expect(logged.join('')).toContain('channel_not_found');
    expect(logged.join('')).not.toContain(CANARY);
  });

  test('shows the card after all once it is mended and the ticket moves', async () => {
    const ticket = await openTicket(db.pool);
    await fault({ error: 'not_in_channel', path: '/api/chat.postMessage' });
    await activities.showCard({ ticketId: ticket.id });
    await proposeDraft(db.pool, ticket, 'It arrives tomorrow.');
    await activities.showCard({ ticketId: ticket.id });
    expect(await messages()).toHaveLength(1);
  });

  test('whose answer comes when the database connection is gone ends no process and posts nothing twice', async () => {
    const ticket = await openTicket(db.pool);
    await fault({ delayMs: 500, path: '/api/chat.postMessage' });
    const run = activities.showCard({ ticketId: ticket.id }).catch((error: unknown) => error);
    await expect.poll(() => calls(), { interval: 10 }).toEqual(['/api/chat.postMessage']);
    await db.pool.query(`select pg_terminate_backend(pid) ${ADVISORY_LOCKS}`);
    expect(await run).toBeInstanceOf(Error);
    await expect(activities.showCard({ ticketId: ticket.id })).resolves.toEqual({ version: 1 });
    expect(await messages()).toHaveLength(1);
  });

  test('gives every lock and connection back', async () => {
    const ticket = await openTicket(db.pool);
    await fault({ status: 503, count: 30, path: '/api/chat.postMessage' });
    await Promise.allSettled(Array.from({ length: 30 }, () => activities.showCard({ ticketId: ticket.id })));
    const { rows } = await db.pool.query(`select pid ${ADVISORY_LOCKS}`);
    expect(rows).toEqual([]);
    expect(db.pool.idleCount).toBe(db.pool.totalCount);
  });
});

test('nothing of the customer is in the text that notifications show, nor in the metadata', async () => {
  const ticket = await canaryTicket();
  await activities.showCard({ ticketId: ticket.id });
  const shown = await messages();
  expect(JSON.stringify(shown.map(({ blocks }) => blocks))).toContain(CANARY);
  expect(JSON.stringify(shown.map(({ text, metadata }) => [text, metadata]))).not.toContain(CANARY);
});

test('without a Slack the ticket goes on: its version is as good as shown', async () => {
  const ticket = await openTicket(db.pool);
  await expect(activitiesWith(null).showCard({ ticketId: ticket.id })).resolves.toEqual({ version: 1 });
});

function activitiesWith(connected: Slack | null): SlackActivities {
  const logger = pino({ level: 'debug' }, { write: (entry: string) => void logged.push(entry) });
  return createSlackActivities({ pool: db.pool, logger, slack: connected, now: Date.now });
}

async function canaryTicket(): Promise<Ticket> {
  const ticket = await openTicket(db.pool, { subject: `s ${CANARY}`, body: `b ${CANARY}`, name: `n ${CANARY}` });
  return proposeDraft(db.pool, ticket, `d ${CANARY}`);
}

async function decideDraft(ticket: Ticket, decision: 'approve' | 'discard', agentId: string): Promise<Ticket> {
  return apply(db.pool, ticket, {
    type: 'decideDraft',
    requestId: 'request',
    id: `test:${randomUUID()}`,
    draftId: ticket.draft?.id ?? '',
    decision,
    messageId: randomUUID(),
    textId: null,
    sendAt: null,
    by: { kind: 'agent', id: agentId },
  });
}

async function messages() {
  const state: unknown = await (await fetch(`${simulator.url}/_sim/state`)).json();
  return stateSchema.parse(state).channels[channel] ?? [];
}

async function calls(): Promise<string[]> {
  const answer: unknown = await (await fetch(`${simulator.url}/_sim/calls`)).json();
  return callsSchema.parse(answer).calls.map(({ path }) => path);
}

async function fault(wrong: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', headers, body: JSON.stringify(wrong) });
  expect(answer.status).toBe(200);
}

/** As a worker leaves it that dies between Slack's answer and the note of it. */
async function forget(key: string): Promise<void> {
  const { rowCount } = await db.pool.query('update slack_posts set ts = null, version = 0 where key = $1', [key]);
  expect(rowCount).toBe(1);
}

async function postOf(key: string): Promise<unknown> {
  const { rows } = await db.pool.query<{ ts: string }>('select ts, version from slack_posts where key = $1', [key]);
  return rows[0];
}

async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const failure = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ApplicationFailure)) throw new Error(`Not an ApplicationFailure: ${inspect(failure)}`);
  return failure;
}

const blocksSchema = z.array(
  z.looseObject({
    elements: z.array(z.looseObject({ action_id: z.string().optional(), value: z.string().optional() })).optional(),
  }),
);

function elementsOf(blocks: unknown) {
  return blocksSchema.parse(blocks).flatMap(({ elements = [] }) => elements);
}

function actionsOf(blocks: unknown): string[] {
  return elementsOf(blocks).flatMap(({ action_id: id }) => id ?? []);
}

function valuesOf(blocks: unknown): string[] {
  return elementsOf(blocks).flatMap(({ value }) => value ?? []);
}
