/** Many tickets, few seats, and everybody at once: clients that assign, the desk that hands out, agents who come and go. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { intake, newTicketName } from '../../db/intake.ts';
import { createSettings, typeFactsFor } from '../../db/settings.ts';
import { DeskError, ERRORS } from '../../domain/errors.ts';
import { SYSTEM } from '../../domain/ticket.ts';
import { createTicketClient, type TicketClient } from '../../workflows/ticket-client.ts';
import { type Desk, eventually, startDesk } from '../support/desk.ts';

const TICKETS = inject('asPromised') ? 500 : 80;
const AGENTS = inject('asPromised') ? 20 : 10;
const CAPACITY = 5;
const CLIENTS = 8;
/** How often each client tries, while agents come and go. */
const TRIES = inject('asPromised') ? 45 : 8;
const SEED = 20_261_121;

let desk: Desk;
let connection: Connection;
let tickets: TicketClient;
beforeAll(async () => {
  desk = await startDesk();
  connection = await Connection.connect({ address: desk.temporalAddress });
  tickets = createTicketClient(new Client({ connection }), desk.prefix);
  await desk.pool.query(WATCH_LOADS);
});
afterAll(async () => {
  await connection.close();
  await desk.stop();
});

test(`${TICKETS} tickets and ${AGENTS} agents who come and go: nobody over capacity, no ticket twice, none left that fits`, async () => {
  const agents = await hire();
  await open();
  await eventually(async () => (await count('tickets where waiting')) === TICKETS, 200_000);
  const refusals = new Set<string>();
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const chance = chances(SEED + client);
      for (let tried = 0; tried < TRIES; tried += 1) {
        await be(chance(3) === 0 ? 'away' : 'online', [agents[chance(AGENTS)] ?? '']);
        const refusal = await autoAssign(chance);
        if (refusal !== null) refusals.add(refusal);
        if (chance(4) === 0) await resolveOne(chance);
      }
    }),
  );
  await be('online', agents);
  await eventually(async () => (await count(FITTING)) === 0);

  expect([...refusals].filter((code) => !EXPECTED.includes(code))).toEqual([]);
  expect(await count('tickets where waiting')).toBeGreaterThan(0);
  expect(await count(`agents where load <> (${HELD})`)).toBe(0);
  // Every seat is taken, so what comes back from one who goes waits.
  const [leaver = ''] = agents;
  expect(await count(`agents where id = $1 and load = ${CAPACITY}`, [leaver])).toBe(1);
  await be('away', [leaver]);
  await eventually(async () => (await count('agents where id = $1 and load = 0', [leaver])) === 1);

  expect(await greatestLoad()).toBe(CAPACITY);
  expect(await count(`agents where load <> (${HELD})`)).toBe(0);
  expect(await count(FITTING)).toBe(0);
  expect(await count(TWICE)).toBe(0);
  // Whose key the clients used was there; nobody else called.
  expect(await count('agents where last_seen_at is not null')).toBe(1);
  // Both ways of handing out were at work.
  expect(await count(`ticket_events where type = 'ticket.assigned' and actor_kind = 'system'`)).toBeGreaterThan(0);
  expect(await count(`ticket_events where type = 'ticket.assigned' and actor_kind <> 'system'`)).toBeGreaterThan(0);
}, 300_000);

/** Keeps each agent's load whenever it changes, also within a moment that nobody would see from outside. */
const WATCH_LOADS = `
  create table loads (load integer not null, capacity integer not null);
  create function watch_load() returns trigger language plpgsql as $$
  begin
    insert into loads (load, capacity) values (new.load, new.capacity);
    return null;
  end $$;
  create trigger watch_loads after update of load on agents for each row execute function watch_load();
`;

/** How many tickets an agent has. */
const HELD = `
  select count(*) from tickets t where t.assignee_id = agents.id and t.status not in ('resolved', 'closed')
`;

/** What a client may be told; that a verdict took too long on a busy machine among it. */
const EXPECTED = ['agent_full', 'already_assigned', 'illegal_transition', 'workflow_unavailable'];

/** Tickets that wait while somebody of their team has room. */
const FITTING = `
  tickets t where t.waiting and exists (
    select from agents a join team_members m on m.agent_id = a.id and m.team_id = t.team_id
    where a.availability = 'online' and a.load < a.capacity
  )
`;

/** Assignments of a ticket that somebody had: each begins without anybody, and ends before the next. */
const TWICE = `
  (select type, data, lag(type) over (partition by ticket_id order by sequence) as before
   from ticket_events where type in ('ticket.assigned', 'ticket.unassigned')) e
  where e.type = 'ticket.assigned' and (e.data ->> 'before' is not null or e.before = 'ticket.assigned')
`;

/** Agents of the billing team, not online yet; every fourth hands back what they have when they go. */
async function hire(): Promise<string[]> {
  const ids = Array.from({ length: AGENTS }, () => randomUUID());
  for (const [index, id] of ids.entries()) {
    await desk.pool.query(
      `insert into users (id, email, name, role, created_at) values ($1, $2, 'Agent', 'agent', now())`,
      [id, `agent${index}@example.com`],
    );
    await desk.pool.query(`insert into team_members (team_id, agent_id) values ('billing', $1)`, [id]);
    await desk.pool.query(`update agents set capacity = $2, on_away = $3 where id = $1`, [
      id,
      CAPACITY,
      index % 4 === 0 ? 'handBack' : 'keep',
    ]);
  }
  return ids;
}

/** Opens the tickets as the relay does, 32 at once, each of a type that goes to whoever is least loaded. */
async function open(): Promise<void> {
  const settings = createSettings(desk.pool);
  const type = typeFactsFor(await settings.read(), 'billing-question');
  // No drafts: they are not what is looked at.
  const supportType = type && { ...type, autonomy: 'off' as const };
  let left = TICKETS;
  const opener = async () => {
    while (left > 0) {
      left -= 1;
      const message = await intake(desk.pool, settings, {
        commandId: randomUUID(),
        requestId: randomUUID(),
        messageId: randomUUID(),
        channel: 'api',
        conversationId: null,
        subject: 'Invoice',
        body: 'Why twice?',
        html: null,
        from: { email: `c${left}@example.com`, name: null },
        writtenAt: Date.now(),
        priority: null,
        supportType: null,
        tags: [],
        fieldsTextId: null,
        followUpOf: null,
        splitFrom: null,
        inboxId: null,
      });
      const name = await newTicketName(desk.pool);
      await patiently(() => tickets.deliver(name, { ...message, supportType }));
    }
  };
  await Promise.all(Array.from({ length: 32 }, opener));
}

/** Changes what the agents are, and tells of it as the API does. */
async function be(availability: 'online' | 'away', agentIds: readonly string[]): Promise<void> {
  await desk.pool.query('update agents set availability = $2 where id = any ($1)', [agentIds, availability]);
  await desk.pool.query(`select pg_notify('dispatch', '')`);
}

/** Lets the desk assign one of the tickets; answers the code of the refusal, or null. */
async function autoAssign(chance: Chance): Promise<string | null> {
  const { rows } = await desk.pool.query<{ id: string }>(
    `select id from tickets where status = 'open' and (assignee_id is null or id < $1::uuid)
     order by md5(id::text || $2) limit 1`,
    [randomUUID(), `${chance(1000)}`],
  );
  const [ticket] = rows;
  if (ticket === undefined) return null;
  try {
    await desk.ask('POST', `/api/v1/tickets/${ticket.id}/auto-assign`);
    return null;
  } catch (error) {
    const code = /"code":"(\w+)"/.exec(error instanceof Error ? error.message : '')?.[1];
    if (code === undefined) throw error;
    return code;
  }
}

/** Frees a seat. */
async function resolveOne(chance: Chance): Promise<void> {
  const { rows } = await desk.pool.query<{ id: string }>(
    `select id from tickets where status = 'open' and assignee_id is not null order by md5(id::text || $1) limit 1`,
    [`${chance(1000)}`],
  );
  const id = randomUUID();
  const command = { type: 'setStatus', id, requestId: id, by: SYSTEM, status: 'resolved', reasonTextId: null } as const;
  const [ticket] = rows;
  if (ticket === undefined) return;
  await patiently(() => tickets.execute(ticket.id, command)).catch((error: unknown) => {
    // Another client was first.
    if (!(error instanceof DeskError) || error.code !== 'illegal_transition') throw error;
  });
}

/** Sends the same command again for as long as no verdict comes in time. */
async function patiently(send: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      if (!(error instanceof DeskError) || !ERRORS[error.code].retryable) throw error;
    }
  }
}

type Chance = (below: number) => number;

/** Numbers below a bound, the same for the same seed. */
function chances(seed: number): Chance {
  const numbers = fc.sample(fc.nat(), { numRuns: TRIES * 8, seed }).values();
  return (below) => (numbers.next().value ?? 0) % below;
}

async function count(from: string, values: unknown[] = []): Promise<number> {
  const { rows } = await desk.pool.query<{ count: number }>(`select count(*)::integer from ${from}`, values);
  return rows[0]?.count ?? 0;
}

async function greatestLoad(): Promise<number | undefined> {
  const { rows } = await desk.pool.query<{ most: number }>('select max(load) as most from loads');
  return rows[0]?.most;
}
