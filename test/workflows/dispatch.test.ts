import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDispatchActivities } from '../../activities/dispatch.ts';
import { createSettings, typeFactsFor } from '../../db/settings.ts';
import { DeskError } from '../../domain/errors.ts';
import { SYSTEM, type Priority, type Ticket } from '../../domain/ticket.ts';
import { createAway } from '../../workers/away.ts';
import { createDispatcher } from '../../workers/dispatcher.ts';
import type { Sweep } from '../../workers/sweep.ts';
import { DISPATCH_WORKFLOW, dispatchStart, wake } from '../../workflows/dispatch-messages.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';

const logger = pino({ level: 'silent' });

let desk: TestTickets;
let dispatcher: Sweep;
let running: Promise<void>;
beforeAll(async () => {
  desk = await startTickets();
});
afterAll(() => desk.stop());

beforeEach(() => {
  const { client, prefix, db } = desk;
  dispatcher = createDispatcher({ pool: db.pool, settings: createSettings(db.pool), logger, client, prefix });
  running = dispatcher.run();
});
afterEach(async () => {
  dispatcher.stop();
  await running;
  await set(`update agents set availability = 'offline', on_away = 'keep', capacity = 0`);
});

describe('a ticket that waits', () => {
  test('goes to whoever comes online and fits, and the timeline says why', async () => {
    const ticketId = await waiting('billing-question');
    const ada = await agent({ availability: 'offline' });
    await set(`update agents set availability = 'online' where id = $1`, [ada]);
    expect((await assigned(ticketId)).assigneeId).toBe(ada);
    const event = (await desk.events(ticketId)).find(({ type }) => type === 'ticket.assigned');
    expect(event?.data).toEqual({
      assigneeId: ada,
      before: null,
      handOut: true,
      why: expect.stringMatching(/^The only agent free in team billing/),
    });
  });

  test('with the earliest deadline goes first, whenever a seat becomes free', async () => {
    const [low, urgent, normal] = [
      await waiting('billing-question', 'low'),
      await waiting('billing-question', 'urgent'),
      await waiting('billing-question', 'normal'),
    ];
    const ada = await agent({ capacity: 1 });
    for (const ticketId of [urgent, normal, low]) {
      expect((await assigned(ticketId)).assigneeId).toBe(ada);
      expect(await loadOf(ada)).toBe(1);
      await desk.tickets.execute(ticketId, { ...asked(), type: 'setStatus', status: 'resolved', reasonTextId: null });
    }
    expect(await loadOf(ada)).toBe(0);
  });

  test('and fits nobody holds up none behind it, and goes when somebody fits', async () => {
    const expert = await waiting('security-report', 'urgent');
    const plain = await waiting('billing-question', 'low');
    const ada = await agent({ teams: ['billing', 'security'] });
    expect((await assigned(plain)).assigneeId).toBe(ada);
    expect((await desk.read(expert))?.assigneeId).toBeNull();
    await set(`update agents set skills = '{"security": 4}' where id = $1`, [ada]);
    expect((await assigned(expert)).assigneeId).toBe(ada);
  });

  test('goes to somebody who has room when whoever was chosen has filled up meanwhile', async () => {
    dispatcher.stop();
    const tickets = [await waiting('billing-question'), await waiting('billing-question')];
    const [ada, ben] = [await agent({ capacity: 9 }), await agent({ capacity: 2 })];
    const executed: string[] = [];
    const activities = activitiesWith(async (ticketId, command) => {
      // Between the choice and the record, the least loaded of the two fills up.
      if (executed.length === 0) await set('update agents set capacity = 0 where id = $1', [ada]);
      executed.push(ticketId);
      return desk.tickets.execute(ticketId, command);
    });
    expect(await activities.handOut({ round: randomUUID(), after: null })).toEqual({ handedOut: 2, after: null });
    for (const ticketId of tickets) expect((await desk.read(ticketId))?.assigneeId).toBe(ben);
    expect(await loadOf(ben)).toBe(2);
  });

  test('is offered again to an agent who had no room for it the time before', async () => {
    dispatcher.stop();
    const ticketId = await waiting('billing-question');
    const ada = await agent({});
    const filling = activitiesWith(async (id, command) => {
      await set('update agents set capacity = 0 where id = $1', [ada]);
      return desk.tickets.execute(id, command);
    });
    expect((await filling.handOut({ round: randomUUID(), after: null })).handedOut).toBe(0);
    await set('update agents set capacity = 1 where id = $1', [ada]);
    const later = activitiesWith((id, command) => desk.tickets.execute(id, command));
    expect((await later.handOut({ round: randomUUID(), after: null })).handedOut).toBe(1);
    expect((await desk.read(ticketId))?.assigneeId).toBe(ada);
  });

  test('and does not answer holds up none behind it', async () => {
    dispatcher.stop();
    const silent = await waiting('billing-question', 'urgent');
    const next = await waiting('billing-question', 'low');
    const ada = await agent({ capacity: 1 });
    const activities = activitiesWith((ticketId, command) => {
      if (ticketId === silent) throw new DeskError('workflow_unavailable', 'No verdict came in time.');
      return desk.tickets.execute(ticketId, command);
    });
    expect(await activities.handOut({ round: randomUUID(), after: null })).toEqual({ handedOut: 1, after: null });
    expect((await desk.read(next))?.assigneeId).toBe(ada);
    expect((await desk.read(silent))?.assigneeId).toBeNull();
  });

  test('is handed out once, when two runs of the same round do it at once and one more comes after', async () => {
    dispatcher.stop();
    const tickets = await Promise.all(Array.from({ length: 12 }, () => waiting('billing-question')));
    await agent({ capacity: 20 });
    await agent({ capacity: 20 });
    const activities = activitiesWith((ticketId, command) => desk.tickets.execute(ticketId, command));
    const round = randomUUID();
    await Promise.all([1, 2].map(() => activities.handOut({ round, after: null })));
    await activities.handOut({ round, after: null });
    for (const ticketId of tickets) {
      const events = (await desk.events(ticketId)).filter(({ type }) => type === 'ticket.assigned');
      expect(events.map(({ data }) => data['before'])).toEqual([null]);
    }
  });
});

describe('an agent who goes away', () => {
  test('hands tickets back to those who are there, where the settings say so', async () => {
    const ada = await agent({ onAway: 'handBack' });
    const tickets = [await waiting('billing-question'), await waiting('billing-question')];
    for (const ticketId of tickets) expect((await assigned(ticketId)).assigneeId).toBe(ada);
    const ben = await agent({});
    await set(`update agents set availability = 'away' where id = $1`, [ada]);
    for (const ticketId of tickets) {
      await vi.waitUntil(async () => (await desk.read(ticketId))?.assigneeId === ben, { timeout: 40_000 });
      const back = (await desk.events(ticketId)).find(({ type }) => type === 'ticket.unassigned');
      expect(back?.data).toEqual({ before: ada, why: 'It was handed back, because the agent is away.' });
    }
    expect([await loadOf(ada), await loadOf(ben)]).toEqual([0, 2]);
  });

  test('keeps them otherwise, and gets no more', async () => {
    const ada = await agent({});
    const kept = await waiting('billing-question');
    expect((await assigned(kept)).assigneeId).toBe(ada);
    await set(`update agents set availability = 'away' where id = $1`, [ada]);
    const ben = await agent({});
    const next = await waiting('billing-question');
    expect((await assigned(next)).assigneeId).toBe(ben);
    expect((await desk.read(kept))?.assigneeId).toBe(ada);
  });

  test('does so without a word when nobody has seen them for long', async () => {
    const ada = await agent({ onAway: 'handBack' });
    const ticketId = await waiting('other');
    await desk.tickets.execute(ticketId, { ...asked(), type: 'assign', agentId: ada, handOut: false, why: 'Theirs.' });
    await set(`update agents set last_seen_at = now(), updated_at = now() - interval '1 hour' where id = $1`, [ada]);
    const away = createAway({ pool: desk.db.pool, logger, afterMs: 300, everyMs: 100 });
    const looking = away.run();
    await vi.waitUntil(async () => (await desk.read(ticketId))?.assigneeId === null, { timeout: 40_000 });
    away.stop();
    await looking;
    // A type that is taken by hand is not handed out again.
    const { rows } = await desk.db.pool.query('select waiting from tickets where id = $1', [ticketId]);
    expect(rows).toEqual([{ waiting: false }]);
  });
});

describe('the dispatch', () => {
  test('that is woken many times goes round a few times, over several runs, and sleeps without a timer', async () => {
    dispatcher.stop();
    const options = { ...dispatchStart(desk.prefix), signal: wake };
    const wakeUp = () => desk.client.workflow.signalWithStart(DISPATCH_WORKFLOW, options);
    await Promise.all(Array.from({ length: 250 }, wakeUp));
    const ticketId = await waiting('billing-question');
    const ada = await agent({});
    await wakeUp();
    expect((await assigned(ticketId)).assigneeId).toBe(ada);
    const { runs, events } = await vi.waitUntil(async () => {
      const handle = desk.client.workflow.getHandle(options.workflowId);
      return ((await handle.describe()).raw.pendingActivities ?? []).length === 0 && historyOf(options.workflowId);
    });
    const woken = events.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
    const rounds = events.filter((event) => event.activityTaskScheduledEventAttributes).length;
    expect(runs).toBeGreaterThan(1);
    expect(woken).toBeGreaterThan(250);
    expect(rounds).toBeLessThan(woken / 2);
    expect(events.some((event) => event.timerStartedEventAttributes)).toBe(false);
  });
});

/** What happened in the workflow, over all of its runs. */
async function historyOf(workflowId: string) {
  const events = [];
  let runs = 0;
  let runId: string | undefined;
  do {
    const history = await desk.client.workflow.getHandle(workflowId, runId).fetchHistory();
    events.push(...(history.events ?? []));
    runs += 1;
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? undefined;
  } while (runId !== undefined && runId !== '');
  return { runs, events };
}

function activitiesWith(execute: TestTickets['tickets']['execute']) {
  const { pool } = desk.db;
  const settings = createSettings(pool);
  const cancelled = () => new AbortController().signal;
  return createDispatchActivities({ pool, settings, logger, tickets: { execute }, cancelled, now: Date.now });
}

function asked() {
  const id = randomUUID();
  return { id, requestId: id, by: SYSTEM };
}

/** Opens a ticket of the type `typeId` and answers its id once it is open. */
async function waiting(typeId: string, priority: Priority = 'normal'): Promise<string> {
  const name = await desk.newTicket();
  const settings = await createSettings(desk.db.pool).read();
  const type = typeFactsFor(settings, typeId);
  // A draft is not what is looked at.
  const supportType = type && { ...type, autonomy: 'off' as const, reasonRequired: false };
  await desk.tickets.open(name, await desk.words('Invoice 7', 'Why twice?', { supportType, priority }));
  await vi.waitUntil(async () => (await desk.read(name.ticketId))?.status === 'open', { timeout: 40_000 });
  return name.ticketId;
}

/** The ticket, once somebody has it. */
function assigned(ticketId: string): Promise<Ticket> {
  return vi.waitUntil(
    async () => {
      const ticket = await desk.read(ticketId);
      return ticket?.assigneeId != null && ticket;
    },
    { timeout: 40_000 },
  );
}

async function agent(facts: { teams?: string[]; capacity?: number; availability?: string; onAway?: string }) {
  const id = randomUUID();
  const { teams = ['billing'], capacity = 5, availability = 'online', onAway = 'keep' } = facts;
  const { pool } = desk.db;
  await pool.query(`insert into users (id, email, name, role, created_at) values ($1, $2, 'A', 'agent', now())`, [
    id,
    `${id}@example.com`,
  ]);
  for (const team of teams) await pool.query('insert into team_members values ($1, $2)', [team, id]);
  await set('update agents set capacity = $2, availability = $3, on_away = $4 where id = $1', [
    id,
    capacity,
    availability,
    onAway,
  ]);
  return id;
}

/** Changes agents, and tells of it as the API does. */
async function set(statement: string, values: unknown[] = []): Promise<void> {
  await desk.db.pool.query(statement, values);
  await desk.db.pool.query(`select pg_notify('dispatch', '')`);
}

async function loadOf(agentId: string): Promise<number | undefined> {
  const { rows } = await desk.db.pool.query<{ load: number }>('select load from agents where id = $1', [agentId]);
  return rows[0]?.load;
}
