import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/ports.ts';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { startTemporal, type Temporal } from '../../local/temporal.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';

describe('the same webhook delivered 50 times at once, to two API processes and two relays', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await startDesk(['api', 'api2', 'workers', 'relay2']);
  });
  afterAll(() => desk.stop());

  test('becomes one ticket with one message, one triage and one draft', async () => {
    const { headers, body } = await webhook(desk, 1);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post(index % 2 === 0 ? desk.url : desk.url2, headers, body)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    await eventually(async () => (await count(desk, 'drafts')) === 1);
    await eventually(async () => (await calls(desk, 'triage')) === 1);
    // A second ticket that goes all the way tells that the first one's share of the work is over.
    const other = await webhook(desk, 2);
    await post(desk.url, other.headers, other.body);
    await eventually(async () => (await count(desk, 'drafts')) === 2);
    await eventually(async () => (await count(desk, "ticket_events where type = 'ticket.triaged'")) >= 2);
    expect(await count(desk, 'tickets')).toBe(2);
    expect(await count(desk, 'messages')).toBe(2);
    expect(await count(desk, "ticket_events where type = 'ticket.triaged'")).toBe(2);
    expect([await calls(desk, 'triage'), await calls(desk, 'draft')]).toEqual([2, 2]);
  });
});

describe('webhooks while Temporal is stopped', () => {
  // The bench does the same with 2,000, and times them.
  const COUNT = 60;
  let folder: string;
  let temporal: Temporal;
  let desk: Desk;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-burst-'));
    const [port, uiPort] = [await freePort(), await freePort()];
    const options = { port, uiPort, namespace: 'default', logFile: join(folder, 'temporal.log') };
    temporal = await startTemporal({ ...options, binary: inject('temporalBinary') });
    // Recording is what is looked at, so the AI's queue waits.
    desk = await startDesk(['api', 'tickets', 'relay'], { temporalAddress: temporal.address });
  });
  afterAll(async () => {
    process.kill(temporal.pid, 'SIGCONT');
    await desk.stop();
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('are all answered 200, and all become tickets once it is back, none twice', async () => {
    const webhooks = await Promise.all(Array.from({ length: COUNT }, (_, index) => webhook(desk, index)));
    process.kill(temporal.pid, 'SIGSTOP');
    const answers = await Promise.all(webhooks.map(({ headers, body }) => post(desk.url, headers, body)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const { backlog } = await desk.ask<{ backlog: number }>('GET', '/api/v1/inbox?limit=1');
    expect(backlog).toBe(COUNT);
    process.kill(temporal.pid, 'SIGCONT');
    await eventually(async () => (await count(desk, 'tickets')) === COUNT, 120_000);
    expect(await count(desk, 'messages')).toBe(COUNT);
    expect(await count(desk, "ticket_events where type = 'ticket.created'")).toBe(COUNT);
    expect(await count(desk, "inbox where state <> 'applied'")).toBe(0);
  }, 180_000);
});

const answerSchema = z.object({ accepted: z.literal(true), duplicate: z.boolean() });

interface Webhook {
  headers: Record<string, string>;
  body: string;
}

function webhook(desk: Desk, index: number): Promise<Webhook> {
  return desk.sim<Webhook>('front', 'POST', 'events', {
    conversationId: `cnv_burst${index}`,
    subject: `Question ${index}`,
    body: 'Where is my order?',
    from: { email: `c${index}@example.com`, name: 'C' },
    send: false,
  });
}

async function post(url: string, headers: Record<string, string>, body: string) {
  const response = await fetch(`${url}/webhooks/front`, { method: 'POST', headers, body });
  const { duplicate } = answerSchema.parse(await response.json());
  return { status: response.status, duplicate };
}

async function count(desk: Desk, from: string): Promise<number> {
  const { rows } = await desk.pool.query<{ count: number }>(`select count(*)::integer from ${from}`);
  return rows[0]?.count ?? 0;
}

/** How often the model was asked for `schema`. */
async function calls(desk: Desk, schema: string): Promise<number> {
  const asked = await desk.calls('openai', '/v1/chat/completions');
  return asked.filter(({ body }) => JSON.stringify(body).includes(`"name":"${schema}"`)).length;
}
