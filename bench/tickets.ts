/** Tickets recorded and drafts proposed a second, and an agent's command, each beside the bare workflow that does as much. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createSettings } from '../db/settings.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { command } from './bare/workflows.ts';
import { inTurn, median, together } from './load.ts';
import { firstMessage } from './message.ts';
import type { Stage } from './stage.ts';

const COMMANDS = 200;

/** Starts `count` tickets as the relay does; answers how many a second reach `table`. */
export async function ticketsReaching(stage: Stage, table: 'tickets' | 'drafts', count: number): Promise<number> {
  const { client, pool } = stage;
  const tickets = createTicketClient(client, stage.prefix);
  const settings = createSettings(pool);
  // Customers and texts are stored by the relay before; the bare workflow has none.
  const messages = await Promise.all(Array.from({ length: count }, () => firstMessage(pool, settings)));
  const before = await rows(stage, table);
  const started = performance.now();
  await together(count, async (index) => {
    const one = messages[index];
    if (one !== undefined) await tickets.deliver(one.name, one.command);
  });
  await reached(() => rows({ pool }, table), before + count);
  return count / ((performance.now() - started) / 1000);
}

/** Starts `count` bare workflows; answers how many a second reach the row of `kind`. */
export async function bareReaching(
  stage: Stage,
  workflow: 'record' | 'draft' | 'draftOnOneQueue',
  count: number,
): Promise<number> {
  const kind = workflow === 'record' ? 'recorded' : 'drafted';
  const from = `bare where kind = '${kind}'`;
  const before = await rows(stage, from);
  const started = performance.now();
  await together(count, () => {
    const id = randomUUID();
    return stage.client.workflow.start(workflow, { taskQueue: 'bare', workflowId: id, args: [id] });
  });
  await reached(() => rows(stage, from), before + count);
  return count / ((performance.now() - started) / 1000);
}

/** The milliseconds of an agent's command by HTTP, in the middle: a ticket set pending and open in turn. */
export async function commandByHttp(stage: Stage): Promise<number> {
  const tickets = createTicketClient(stage.client, stage.prefix);
  const { name, command: first } = await firstMessage(stage.pool, createSettings(stage.pool));
  await tickets.open(name, first);
  const post = async (status: string) => {
    const response = await fetch(`http://127.0.0.1:${stage.port}/api/v1/tickets/${name.ticketId}/status`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${stage.apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ status }),
    });
    if (!response.ok) throw new Error(`The command was answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  };
  const turn = (index: number) => post(index % 2 === 0 ? 'pending' : 'open');
  await inTurn(20, turn);
  return median(await inTurn(COMMANDS, turn));
}

/** The milliseconds of a bare update whose local activity inserts a row, in the middle. */
export async function bareCommand({ client }: Stage): Promise<number> {
  const handle = await client.workflow.start('commanded', { taskQueue: 'bare', workflowId: randomUUID() });
  const update = () => handle.executeUpdate(command, { args: [randomUUID()] });
  await inTurn(20, update);
  const times = await inTurn(COMMANDS, update);
  await handle.terminate();
  return median(times);
}

async function rows({ pool }: Pick<Stage, 'pool'>, from: string): Promise<number> {
  const { rows: counted } = await pool.query<{ count: number }>(`select count(*)::integer from ${from}`);
  return counted[0]?.count ?? 0;
}

async function reached(count: () => Promise<number>, wanted: number): Promise<void> {
  while ((await count()) < wanted) await wait(10);
}
