/**
 * Many deadlines close together on a real desk: each breach is said once, never early, and soon. How soon nearly all are is
 * for the bench: the machine that runs the tests has other things to do.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raiseSettingsVersion } from '../../db/settings.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';

/** As dense as three hundred in a minute; `bench/lateness.ts` measures those. */
const TICKETS = 40;
const APART_MS = 200;
/** From a customer's words to the deadline; the words are dated back, so that the deadlines are near. */
const TARGET_MS = 120_000;
/** In this time the tickets are opened and triaged. */
const HEAD_START_MS = 15_000;
const AT_ONCE = 8;

let desk: Desk;
beforeAll(async () => {
  desk = await startDesk();
  const every = { urgent: TARGET_MS, high: TARGET_MS, normal: TARGET_MS, low: TARGET_MS };
  const client = await desk.pool.connect();
  await client.query('begin');
  await client.query(`update sla_policies set targets = $1, ladder = '[]'`, [
    JSON.stringify({ firstResponse: every, nextResponse: null, resolution: null }),
  ]);
  await raiseSettingsVersion(client);
  await client.query('commit');
  client.release();
});
afterAll(() => desk.stop());

async function write(index: number, emittedAt: number): Promise<void> {
  await desk.sim('front', 'POST', 'events', {
    conversationId: `cnv_late${index}`,
    subject: 'Order 7',
    body: 'Where is my order?',
    from: { email: `customer${index}@example.com`, name: 'A customer' },
    emittedAt: new Date(emittedAt).toISOString(),
  });
}

describe('deadlines that are 200 ms apart', () => {
  test('are each breached once, none early, and as a rule within a second', async () => {
    const firstDue = Date.now() + HEAD_START_MS;
    const dueAt = Array.from({ length: TICKETS }, (_, index) => firstDue + index * APART_MS);
    const line = dueAt.entries();
    const writers = Array.from({ length: AT_ONCE }, async () => {
      for (const [index, due] of line) await write(index, due - TARGET_MS);
    });
    await Promise.all(writers);
    const opened = Date.now();
    const breaches = await eventually(async () => {
      const { rows } = await desk.pool.query<{ ticketId: string; late: number; dueAt: number }>(
        `select ticket_id as "ticketId", (data ->> 'dueAt')::double precision as "dueAt",
                extract(epoch from at)::double precision * 1000 - (data ->> 'dueAt')::double precision as late
         from ticket_events where type = 'sla.breached' order by late`,
      );
      return rows.length >= TICKETS && rows;
    }, 90_000);
    expect(opened).toBeLessThan(firstDue);
    expect(new Set(breaches.map(({ ticketId }) => ticketId)).size).toBe(breaches.length);
    expect(breaches.map((breach) => breach.dueAt).sort((a, b) => a - b)).toEqual(dueAt);
    const late = breaches.map((breach) => breach.late);
    const [middle, nearlyAll] = [0.5, 0.9].map((share) => late[Math.ceil(share * TICKETS) - 1] ?? Infinity);
    console.log(`late by ${middle} ms in the middle, ${nearlyAll} ms at p90, ${late.at(-1)} ms at most`);
    expect(late[0]).toBeGreaterThanOrEqual(0);
    expect(middle).toBeLessThan(1000);
  }, 150_000);
});
