/**
 * A ticket's clocks over weeks of working time, on a real desk in skipped time: paused and resumed at random while every
 * process dies and comes back, they end where counting the minutes by hand ends.
 */
import { Client, Connection } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createSettings, raiseSettingsVersion } from '../../db/settings.ts';
import type { Calendar } from '../../domain/business-hours.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { DAY, dueByMinutes, HOUR, workedByMinutes } from '../domain/minute-oracle.ts';
import { type Desk, eventually, type OwnTemporal, startDesk, startOwnTemporal } from '../support/desk.ts';
import { skip } from '../support/time.ts';

/** How often the ticket is put aside or taken up again. */
const STEPS = inject('asPromised') ? 100 : 20;
/** The steps before which everything is killed. */
const DEATHS = inject('asPromised') ? [13, 58, 97] : [11];
const SEED = 20_261_121;
const WEEKLY = [[540, 720, 780, 1020], [540, 1020], [480, 1080], [540, 720, 780, 1020], [540, 900], [600, 750], []].map(
  (ends) => Array.from({ length: ends.length / 2 }, (_, index) => ({ from: ends[2 * index], to: ends[2 * index + 1] })),
);
/** Time is skipped only while nothing is under way, and a card takes its turn at Slack's pace: a second each. */
const SLACK = ['SLACK_API_URL', 'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_CHANNEL'];
const NO_SLACK = Object.fromEntries(SLACK.map((name) => [name, undefined]));
/** The deadline is exact; in how many milliseconds it is noticed is measured elsewhere, by a machine that is at rest. */
const SOON_MS = 5_000;
const TARGETS = { firstResponse: 90 * HOUR, resolution: 120 * HOUR };

let temporal: OwnTemporal;
let desk: Desk;
beforeAll(async () => {
  temporal = await startOwnTemporal();
  desk = await startDesk(undefined, { temporalAddress: temporal.address, environment: NO_SLACK });
});
afterAll(async () => {
  await desk.stop();
  await temporal.stop();
});

/** Puts every ticket under working hours in Berlin, and answers them as the desk has them. */
async function promise(): Promise<Calendar> {
  const every = (ms: number) => ({ urgent: ms, high: ms, normal: ms, low: ms });
  const targets = {
    firstResponse: every(TARGETS.firstResponse),
    nextResponse: null,
    resolution: every(TARGETS.resolution),
  };
  const client = await desk.pool.connect();
  await client.query('begin');
  await client.query(
    `insert into calendars (id, name, zone, weekly, holidays) values ('office', 'Office', 'Europe/Berlin', $1, $2)`,
    [JSON.stringify(WEEKLY), JSON.stringify([dateAhead(3), dateAhead(9), dateAhead(20)])],
  );
  await client.query(
    `insert into sla_policies (id, position, name, calendar_id, targets) values ('office', 0, 'Office', 'office', $1)`,
    [JSON.stringify(targets)],
  );
  await raiseSettingsVersion(client);
  await client.query('commit');
  client.release();
  const { policies } = await createSettings(desk.pool).read();
  const calendar = policies.find(({ id }) => id === 'office')?.calendar ?? null;
  if (calendar === null) throw new Error('The policy has no calendar.');
  return calendar;
}

function dateAhead(days: number): string {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}

/** Kills and starts again whatever runs; a new client finds Temporal where it was. */
async function killEverything(): Promise<void> {
  await Promise.all([desk.kill('api'), desk.kill('workers'), temporal.kill()]);
  await temporal.start();
  await Promise.all([desk.start('api'), desk.start('workers')]);
}

async function skipBy(ticketId: string, seconds: number): Promise<void> {
  const connection = await Connection.connect({ address: temporal.address });
  await skip(new Client({ connection }), ticketWorkflowId(ticketId), seconds);
  await connection.close();
}

/** Sets the status; asked again when Temporal, just back, did not answer in time. It may have been taken all the same. */
async function set(ticketId: string, status: string): Promise<void> {
  const path = `/api/v1/tickets/${ticketId}`;
  await eventually(async () => {
    const { status: now } = await desk.ask<{ status: string }>('GET', path);
    if (now === status) return true;
    return desk.ask('POST', `${path}/status`, { status }).catch((error: unknown) => {
      // Not answered in time, or taken before by a process that died before it could say so: looked at again.
      if (/workflow_unavailable|illegal_transition/.test(String(error))) return false;
      throw error;
    });
  });
}

interface Happened {
  type: string;
  at: number;
  data: { target?: string; dueAt?: number; writtenAt?: number };
}

async function events(ticketId: string): Promise<Happened[]> {
  const { rows } = await desk.pool.query<Happened>(
    `select type, round(extract(epoch from at) * 1000)::double precision as at, data from ticket_events
     where ticket_id = $1 order by sequence`,
    [ticketId],
  );
  return rows;
}

/** When `amount` has been counted, by minutes, over the spans in which the ticket did not wait on anybody. */
function dueByHand(calendar: Calendar, story: readonly Happened[], amount: number): number | null {
  let left = amount;
  let since = story.find(({ type }) => type === 'message.received')?.data.writtenAt ?? null;
  for (const { type, at } of story) {
    if (type === 'ticket.pending' && since !== null) {
      left -= workedByMinutes(calendar, since, at);
      since = null;
    }
    if (type === 'ticket.opened') since ??= at;
  }
  return since === null ? null : dueByMinutes(calendar, since, left, since + 365 * DAY);
}

describe('a clock', () => {
  test(`paused and resumed ${STEPS} times, with every process killed in between, breaches when the minutes say`, async () => {
    const calendar = await promise();
    const requester = { email: 'grace@example.com' };
    const { id } = await desk.ask<{ id: string }>('POST', '/api/v1/tickets', {
      subject: 'Order 7',
      body: 'Where is my order?',
      requester,
    });
    await eventually(async () => {
      const { rows } = await desk.pool.query("select from tickets where id = $1 and status = 'open' and not owes", [
        id,
      ]);
      return rows.length === 1;
    });
    const gaps = fc.sample(fc.integer({ min: 1, max: 6 * 3600 }), { numRuns: STEPS, seed: SEED });
    for (const [step, gap] of gaps.entries()) {
      if (DEATHS.includes(step)) await killEverything();
      await skipBy(id, gap);
      await set(id, step % 2 === 0 ? 'pending' : 'open');
    }
    const story = await events(id);
    const moves = story.filter(({ type }) => type === 'ticket.pending' || type === 'ticket.opened');
    expect(moves).toHaveLength(1 + STEPS);
    expect(story.filter(({ type }) => type === 'sla.breached')).toEqual([]);
    for (const target of ['firstResponse', 'resolution'] as const) {
      const due = dueByHand(calendar, story, TARGETS[target]);
      await eventually(async () => {
        await skipBy(id, 3 * 24 * 3600);
        return (await events(id)).some(({ type, data }) => type === 'sla.breached' && data.target === target);
      });
      const breaches = (await events(id)).filter(({ type, data }) => type === 'sla.breached' && data.target === target);
      expect(breaches).toMatchObject([{ data: { dueAt: due } }]);
      const late = (breaches[0]?.at ?? 0) - (due ?? 0);
      console.log(`${target}: breached ${late} ms after the minutes' answer`);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(SOON_MS);
    }
  }, 240_000);
});
