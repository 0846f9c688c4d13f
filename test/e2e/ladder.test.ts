/** The escalation ladder with real clocks: each step once, whatever is killed −9 and whenever; and what stops it. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { gapless, holding, type Reading, reading, type TicketJson, waiting } from './reading.ts';

const HOUR = 3_600_000;
const CHANNEL = { kind: 'channel' };
const LEADS = { kind: 'role', role: 'lead' };
const PAGERDUTY = { kind: 'pagerDuty' };

/** By the tag of the tickets that they are for; `within` is how soon the first answer is owed. */
const POLICIES = {
  three: {
    within: 8_000,
    ladder: [
      { delay: 0, page: [CHANNEL, { kind: 'assignee' }] },
      { delay: 6_000, page: [LEADS] },
      { delay: 6_000, page: [PAGERDUTY] },
    ],
  },
  nobody: {
    within: 1_000,
    ladder: [
      { delay: 0, page: [{ kind: 'team', teamId: 'nobody-is-in-it' }] },
      { delay: HOUR, page: [LEADS] },
      { delay: HOUR, page: [PAGERDUTY] },
    ],
  },
  calls: {
    within: 1_000,
    ladder: [
      { delay: 0, page: [PAGERDUTY] },
      { delay: 3_000, page: [CHANNEL] },
    ],
  },
};

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
  for (const [index, [tag, { within, ladder }]] of Object.entries(POLICIES).entries()) {
    const firstResponse = { urgent: within, high: within, normal: within, low: within };
    await desk.pool.query(
      `insert into sla_policies (id, position, name, filter, targets, ladder) values ($1, $2, $1, $3, $4, $5)`,
      [
        tag,
        -1 - index,
        { tag: [tag] },
        { firstResponse, nextResponse: null, resolution: null },
        JSON.stringify(ladder),
      ],
    );
  }
  await desk.pool.query('update settings_version set version = version + 1');
});
afterAll(() => desk.stop());

async function open(tag: keyof typeof POLICIES): Promise<TicketJson> {
  const requester = { email: 'grace@example.com', name: 'Grace Hopper' };
  return desk.ask('POST', '/api/v1/tickets', { subject: 'Order 7', body: 'Where is it?', requester, tags: [tag] });
}

/** The steps of the ticket's ladder that its timeline says were taken, in order. */
async function stepsTold(ticketId: string, type = 'escalation.paged'): Promise<number[]> {
  return (await eyes.timeline(ticketId)).filter((item) => item.type === type).map(({ data }) => Number(data['step']));
}

/** The steps that stand in Slack and those that are incidents in PagerDuty. */
async function stepsShown(ticketId: string): Promise<{ slack: number[]; pagerduty: number[] }> {
  const slack = await desk.sim<SlackState>('slack', 'GET', 'state');
  const { incidents } = await desk.sim<PagerdutyState>('pagerduty', 'GET', 'state');
  const stepsOf = (keys: string[], key: RegExp) => keys.flatMap((one) => key.exec(one)?.[1] ?? []).map(Number);
  const posts = Object.values(slack.channels).flatMap((all) => all.map(({ metadata }) => metadata?.event_payload.key));
  const pages = posts.filter((key) => key !== undefined);
  return {
    slack: stepsOf(pages, new RegExp(`^page:${ticketId}:page:firstResponse:(\\d+):`)).toSorted((a, b) => a - b),
    pagerduty: stepsOf(
      incidents.map((incident) => incident.incident_key),
      new RegExp(`^holdfast:${ticketId}:firstResponse:\\d+:(\\d+)$`),
    ).toSorted((a, b) => a - b),
  };
}
interface SlackState {
  channels: Record<string, { metadata?: { event_payload: { key: string } } }[]>;
}
interface PagerdutyState {
  incidents: { incident_key: string; status: string }[];
}

/** Resolves once the timeline has the step. */
async function paged(ticketId: string, step: number): Promise<void> {
  await eventually(async () => (await stepsTold(ticketId)).includes(step), 90_000);
}

/** What came of the whole ladder, once all three of its steps have come. */
async function wholeLadder(ticketId: string) {
  // A page that died under way comes after its time, and the next need not wait for it.
  for (const step of [0, 1, 2]) await paged(ticketId, step);
  const timeline = await eyes.timeline(ticketId);
  expect(timeline.map(({ sequence }) => sequence)).toEqual(gapless(timeline));
  return {
    breaches: timeline.filter(({ type }) => type === 'sla.breached').length,
    told: (await stepsTold(ticketId)).toSorted((a, b) => a - b),
    failed: await stepsTold(ticketId, 'escalation.failed'),
    ...(await stepsShown(ticketId)),
  };
}
const EACH_STEP_ONCE = { breaches: 1, told: [0, 1, 2], failed: [], slack: [0, 1], pagerduty: [2] };

/** Starts the workers, and resolves while the vendor is taking in the step of the ticket's ladder, slowly. */
async function startUntilShowing(ticketId: string, step: number): Promise<void> {
  const [vendor, path] = step === 2 ? (['pagerduty', '/v2/enqueue'] as const) : (['slack', '/api/chat.post'] as const);
  const key = new RegExp(`:${ticketId}:(page:firstResponse:${step}:|firstResponse:\\d+:${step}")`);
  await desk.sim(vendor, 'PUT', 'faults', { path, delayMs: 5_000, count: 100 });
  await desk.start('workers');
  await eventually(async () => {
    const calls = await desk.calls(vendor, path);
    return calls.some(({ status, body }) => status === null && key.test(JSON.stringify(body)));
  });
  await desk.sim(vendor, 'DELETE', 'faults');
}

/** How long the workers live until they are killed: odd, so that it falls on other moments of each ticket's ladder. */
const LIVES_MS = inject('asPromised') ? [9_000, 1_100, 3_700, 700, 2_300, 1_900, 5_100] : [9_000, 2_300];

const recording = () => waiting(desk, '%update tickets set version%');
const LOCK = 'lock table ticket_events in exclusive mode';

describe('three steps come once each, though the workers are killed −9', { timeout: 240_000 }, () => {
  test('before, in and after every one of them', async () => {
    const { id, sla } = await open('three');
    await desk.kill('workers');
    const dueAt = Date.parse(sla.firstResponse?.dueAt ?? '');
    expect(dueAt).toBeGreaterThan(Date.now());
    await eventually(() => Promise.resolve(Date.now() > dueAt));

    await startUntilShowing(id, 0);
    await desk.kill('workers');

    // What comes next is decided, and dies unrecorded.
    await holding(desk, LOCK, async () => {
      await desk.start('workers');
      const [uncommitted] = await recording();
      await desk.kill('workers');
      await desk.pool.query('select pg_terminate_backend($1)', [uncommitted]);
    });

    // What comes after the second is recorded, but nobody hears of it.
    await startUntilShowing(id, 1);
    await holding(desk, LOCK, async () => {
      await recording();
      await desk.kill('workers');
    });

    await startUntilShowing(id, 2);
    await desk.kill('workers');
    await desk.start('workers');
    expect(await wholeLadder(id)).toEqual(EACH_STEP_ONCE);
  });

  test('at any moment', async () => {
    const tickets = await Promise.all(Array.from({ length: 6 }, () => open('three')));
    for (const ms of LIVES_MS) {
      const at = Date.now() + ms;
      await eventually(() => Promise.resolve(Date.now() >= at));
      await desk.kill('workers');
      await desk.start('workers');
    }
    for (const { id } of tickets) expect(await wholeLadder(id)).toEqual(EACH_STEP_ONCE);
  });
});

test('a step that reaches nobody gives way to the next at once', async () => {
  const { id } = await open('nobody');
  await paged(id, 1);
  expect(await stepsTold(id, 'escalation.failed')).toEqual([0]);
  const told = (await eyes.timeline(id)).find(({ type }) => type === 'escalation.paged');
  const { rows } = await desk.pool.query<{ id: string }>(`select id from users where role = 'lead'`);
  expect(told?.data['to']).toEqual(rows.map((lead) => `agent:${lead.id}`));
  expect(await stepsShown(id)).toEqual({ slack: [1], pagerduty: [] });
});

// Tickets of their own, each of which waits for its own steps.
describe.concurrent('a ladder whose first step called PagerDuty', () => {
  const incident = async (id: string) => {
    await paged(id, 0);
    const { incidents } = await desk.sim<PagerdutyState>('pagerduty', 'GET', 'state');
    return incidents.find(({ incident_key: key }) => key.startsWith(`holdfast:${id}:`))?.incident_key;
  };
  const hear = async (event: object) => {
    const { webhookId } = await desk.sim<{ webhookId: string }>('pagerduty', 'POST', 'events', event);
    return eventually(async () => {
      const row = await eyes.inbox(webhookId);
      return row !== undefined && row.status !== 'received' && row;
    });
  };

  test('goes no further once somebody acknowledged it there', async () => {
    const { id } = await open('calls');
    expect(await hear({ dedupKey: await incident(id) })).toMatchObject({ status: 'applied', ticketId: id });
    const later = await open('calls');
    await paged(later.id, 1);
    expect(await stepsTold(id)).toEqual([0]);
    const acknowledged = (await eyes.timeline(id)).find(({ type }) => type === 'escalation.acknowledged');
    expect(acknowledged?.actor.kind).toBe('integration');
    expect(await stepsShown(id)).toEqual({ slack: [], pagerduty: [0] });
  });

  test('goes on when its incident only went into another one, or is of an earlier deadline', async () => {
    const { id } = await open('calls');
    const dedupKey = await incident(id);
    const merged = await hear({ type: 'incident.resolved', dedupKey, mergedInto: 'PINTO' });
    expect(merged).toMatchObject({ status: 'ignored', reason: expect.stringContaining('went into another') });
    const earlier = await hear({ dedupKey: `holdfast:${id}:firstResponse:1000:0` });
    expect(earlier).toMatchObject({ status: 'ignored', reason: expect.stringContaining('is over') });
    await paged(id, 1);
    expect(await stepsTold(id)).toEqual([0, 1]);
  });

  test('goes no further once somebody acknowledged it here', async () => {
    const { id } = await open('calls');
    await paged(id, 0);
    await desk.ask('POST', `/api/v1/tickets/${id}/escalation/acknowledge`);
    const later = await open('calls');
    await paged(later.id, 1);
    expect(await stepsTold(id)).toEqual([0]);
  });

  test('waits when it is postponed', async () => {
    const { id } = await open('calls');
    await paged(id, 0);
    const asked = Date.now();
    await desk.ask('POST', `/api/v1/tickets/${id}/escalation/postpone`, { minutes: 30 });
    const later = await open('calls');
    await paged(later.id, 1);
    expect(await stepsTold(id)).toEqual([0]);
    const postponed = (await eyes.timeline(id)).find(({ type }) => type === 'escalation.postponed');
    const until = Date.parse(String(postponed?.data['until']));
    expect(until).toBeGreaterThanOrEqual(asked + 30 * 60_000 - 1_000);
    expect(until).toBeLessThan(Date.now() + 30 * 60_000 + 1_000);
  });
});
