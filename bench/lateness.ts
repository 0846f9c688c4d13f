/** How late breaches are: 300 tickets whose first response is due within one minute, each at a moment of its own. */
import { setTimeout as wait } from 'node:timers/promises';
import { createSettings, raiseSettingsVersion } from '../db/settings.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { together } from './load.ts';
import { firstMessage } from './message.ts';
import { openStage, type Stage } from './stage.ts';

const TICKETS = 300;
const SPREAD_MS = 60_000;
/** From a customer's words to the deadline; the words are dated back, so that the deadlines are near. */
const TARGET_MS = 180_000;
/** In this time the tickets are opened, triaged and drafted for. */
const HEAD_START_MS = 60_000;

/** Measures on a desk of its own, with all of its processes; answers in a sentence. Throws when a breach is early or missing. */
export async function lateness(count = TICKETS): Promise<string> {
  const stage = await openStage();
  try {
    await promise(stage);
    return await stage.during([['api/server.ts'], ['workers/main.ts']], () => measure(stage, count));
  } finally {
    await stage.close();
  }
}

/** Every first response is owed within {@link TARGET_MS}, and nothing else is. */
async function promise({ pool }: Stage): Promise<void> {
  const every = { urgent: TARGET_MS, high: TARGET_MS, normal: TARGET_MS, low: TARGET_MS };
  const targets = { firstResponse: every, nextResponse: null, resolution: null };
  const client = await pool.connect();
  await client.query('begin');
  await client.query('update sla_policies set targets = $1', [JSON.stringify(targets)]);
  await raiseSettingsVersion(client);
  await client.query('commit');
  client.release();
}

async function measure(stage: Stage, count: number): Promise<string> {
  const firstDue = Date.now() + HEAD_START_MS;
  const dueAt = (index: number) => firstDue + Math.round((index * SPREAD_MS) / TICKETS);
  const tickets = createTicketClient(stage.client, stage.prefix);
  const settings = createSettings(stage.pool);
  await together(count, async (index) => {
    const writtenAt = dueAt(index) - TARGET_MS;
    const { name, command } = await firstMessage(stage.pool, settings, { writtenAt });
    await tickets.deliver(name, command);
  });
  const late = await breaches(stage, count);
  const at = (share: number) => `${Math.round(late[Math.ceil(share * late.length) - 1] ?? Number.NaN)} ms`;
  return (
    `${count} tickets, ${SPREAD_MS / TICKETS} ms from deadline to deadline, on a desk with all of its processes: each ` +
    `breach was recorded once and none early; late by ${at(0.5)} in the middle, ${at(0.99)} at p99, ${at(1)} at most.`
  );
}

/** How many milliseconds after its deadline each breach was, smallest first, once all are recorded. */
async function breaches({ pool }: Stage, count: number): Promise<number[]> {
  for (;;) {
    const { rows } = await pool.query<{ late: number }>(
      `select extract(epoch from at)::double precision * 1000 - (data ->> 'dueAt')::double precision as late
       from ticket_events where type = 'sla.breached' order by late`,
    );
    const [first] = rows;
    if (rows.length > count || (first !== undefined && first.late < 0)) {
      throw new Error('A breach was recorded twice, or before its deadline.');
    }
    if (rows.length === count) return rows.map(({ late }) => late);
    await wait(500);
  }
}
