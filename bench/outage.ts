/** 2,000 webhooks as fast as one client can, while Temporal is stopped; then it comes back, and all become tickets. */
import { setTimeout as wait } from 'node:timers/promises';
import { blast } from './load.ts';
import type { Stage } from './stage.ts';
import { webhooks } from './webhooks.ts';

const COUNT = 2000;

/** Throws when a webhook is not answered 200, or is lost or doubled; answers what it took in a sentence. */
export async function outage(stage: Stage): Promise<string> {
  // What was accepted before, with no relay to take it on, is not part of this.
  await stage.pool.query('delete from inbox');
  const before = await counts(stage);
  await stage.during([['api/server.ts'], ['workers/main.ts', 'relay'], ['workers/main.ts', 'tickets']], async () => {
    // The program's first requests are slow for reasons of its own.
    await blast(stage.port, webhooks(COUNT), 200);
    await settled(stage, before, COUNT);
  });
  const programs = [['api/server.ts'], ['workers/main.ts', 'relay'], ['workers/main.ts', 'tickets']];
  return stage.during(programs, async () => {
    const warm = await counts(stage);
    process.kill(stage.temporalPid, 'SIGSTOP');
    const { times, seconds } = await blast(stage.port, webhooks(COUNT), COUNT).finally(() =>
      process.kill(stage.temporalPid, 'SIGCONT'),
    );
    const back = performance.now();
    await settled(stage, warm, COUNT);
    const caughtUp = ((performance.now() - back) / 1000).toFixed(0);
    const slowest = (times.at(-1) ?? 0).toFixed(0);
    return `2,000 webhooks on 2,000 connections at once while Temporal was stopped: all answered 200 in ${seconds.toFixed(1)} s, the slowest after ${slowest} ms; all were tickets ${caughtUp} s after it was back, none lost, none twice.`;
  });
}

interface Counts {
  tickets: number;
  messages: number;
}

async function counts({ pool }: Stage): Promise<Counts> {
  const { rows } = await pool.query<Counts>(
    'select (select count(*)::integer from tickets) as tickets, (select count(*)::integer from messages) as messages',
  );
  return rows[0] ?? { tickets: 0, messages: 0 };
}

async function settled(stage: Stage, before: Counts, added: number): Promise<void> {
  for (;;) {
    const now = await counts(stage);
    if (now.tickets > before.tickets + added || now.messages > before.messages + added) {
      throw new Error('A webhook became two tickets or two messages.');
    }
    if (now.tickets === before.tickets + added && now.messages === before.messages + added) return;
    await wait(100);
  }
}
