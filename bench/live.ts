/**
 * How long it takes from recording an event until it is with those who follow: 500 WebSockets in a process of their own, half
 * of them of agents who see everything, half in one of five scopes, and events at a steady pace, recorded as the workers do.
 *
 * Counted from before the statement is sent, so each figure holds the recording too. Followers and desk share the machine,
 * and reading 500 copies of each event costs the followers' process as much as writing them costs the desk.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createTicketActivities } from '../activities/tickets.ts';
import { hashOfSecret } from '../api/secrets.ts';
import { blankTicket, SYSTEM, type Ticket } from '../domain/ticket.ts';
import { openStage, type Stage } from './stage.ts';

const FOLLOWERS = 500;
const SCOPES = 5;
const TICKETS = 50;
const TEAM = 'billing';
const EVENTS_A_SECOND = 20;
const SECONDS = 20;
/** The first events meet code that was never run. */
const WARM_UP_SECONDS = 5;
/** What is still on its way when the last event was recorded is there by then. */
const SETTLING_MS = 2_000;

const lateSchema = z.object({ late: z.array(z.number()) });

/** Measures on a desk of its own; answers a table. Throws when an event is lost or comes twice. */
export async function live(seconds = SECONDS): Promise<string> {
  const stage = await openStage();
  try {
    return await stage.during([['api/server.ts']], () => measure(stage, seconds));
  } finally {
    await stage.close();
  }
}

async function measure(stage: Stage, seconds: number): Promise<string> {
  const followers = await addFollowers(stage);
  const tickets = await addTickets(stage);
  const child = fork(fileURLToPath(new URL('live-followers.ts', import.meta.url)));
  try {
    child.send({ url: `ws://127.0.0.1:${stage.port}`, followers });
    await said(child);
    await happen(stage, tickets, WARM_UP_SECONDS * EVENTS_A_SECOND);
    await happen(stage, tickets, seconds * EVENTS_A_SECOND);
    await wait(SETTLING_MS);
    return table(await lateOf(child), seconds);
  } finally {
    child.kill();
  }
}

/** Agents with a key each, every second of them with a scope in which the tickets lie. */
async function addFollowers({ pool }: Stage): Promise<{ agentId: string; key: string }[]> {
  const followers = Array.from({ length: FOLLOWERS }, () => ({ agentId: randomUUID(), key: `hf_${randomUUID()}` }));
  const rows = followers.map(({ agentId, key }, index) => ({
    id: agentId,
    keyId: randomUUID(),
    hash: hashOfSecret(key),
    scope:
      index % 2 === 0 ? null : { supportTypes: null, teams: [TEAM, `team-${index % SCOPES}`], organisations: null },
  }));
  await pool.query(
    `with added as (
       insert into users (id, email, name, role, scope, created_at)
       select id, id || '@bench.test', 'Follower', 'agent', nullif(scope, 'null'), now()
       from jsonb_to_recordset($1::jsonb) as r (id uuid, scope jsonb) returning id
     )
     insert into api_keys (id, name, role, user_id, hash, created_at)
     select "keyId", 'bench', 'agent', r.id, hash, now()
     from jsonb_to_recordset($1::jsonb) as r (id uuid, "keyId" uuid, hash text) join added using (id)`,
    [JSON.stringify(rows)],
  );
  return followers;
}

async function addTickets({ pool }: Stage): Promise<Ticket[]> {
  const requesterId = randomUUID();
  const tickets = Array.from({ length: TICKETS }, (_, index): Ticket => {
    const blank = blankTicket(randomUUID(), 1_000_000 + index);
    return {
      ...blank,
      version: 1,
      status: 'open',
      requesterId,
      teamId: TEAM,
      createdAt: Date.now(),
      updatedAt: Date.now(),
    };
  });
  await pool.query(`insert into customers (id, email, created_at) values ($1, 'customer@bench.test', now())`, [
    requesterId,
  ]);
  await pool.query(
    `insert into tickets (id, number, version, status, priority, channel, subject, requester_id, team_id, state, created_at,
                          updated_at)
     select (t ->> 'id')::uuid, (t ->> 'number')::integer, 1, 'open', 'normal', 'api', 'Bench', $2, t ->> 'teamId', t, now(),
            now()
     from jsonb_array_elements($1::jsonb) t`,
    [JSON.stringify(tickets), requesterId],
  );
  return tickets;
}

/** Records `count` events, one ticket after the other, at the pace; nobody waits for one before the next is due. */
async function happen({ pool }: Stage, tickets: Ticket[], count: number): Promise<void> {
  const activities = createTicketActivities({ pool, slack: false });
  const started = performance.now();
  const recorded: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    await wait(Math.max(0, started + (index * 1_000) / EVENTS_A_SECOND - performance.now()));
    recorded.push(change(index % tickets.length));
  }
  await Promise.all(recorded);

  async function change(which: number): Promise<void> {
    const ticket = tickets[which];
    if (ticket === undefined) return;
    const priority = ticket.priority === 'high' ? 'normal' : 'high';
    const sequence = ticket.sequence + 1;
    const at = Date.now();
    const next: Ticket = { ...ticket, version: ticket.version + 1, sequence, priority, updatedAt: at };
    tickets[which] = next;
    const { taken } = await activities.record({
      before: ticket.version,
      ticket: next,
      events: [{ sequence, type: 'ticket.changed', at, actor: SYSTEM, causedBy: 'bench', data: { priority } }],
      seats: { from: null, to: null },
    });
    if (!taken) throw new Error(`An event of ticket ${ticket.number} was not recorded.`);
  }
}

async function lateOf(child: ChildProcess): Promise<number[]> {
  const answered = said(child);
  child.send('stop');
  return lateSchema.parse(await answered).late;
}

/** What the followers' process says next; throws when it ends instead. */
async function said(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = () => reject(new Error('The process of the followers ended early; what it printed above says why.'));
  child.once('message', resolve).once('exit', onExit);
  const message = await promise;
  child.off('exit', onExit);
  return message;
}

function table(late: readonly number[], seconds: number): string {
  const expected = (WARM_UP_SECONDS + seconds) * EVENTS_A_SECOND * FOLLOWERS;
  if (late.length !== expected) {
    throw new Error(`${late.length} frames came instead of ${expected}: an event was lost, or came twice.`);
  }
  const at = (share: number) => `${late[Math.ceil(share * late.length) - 1] ?? Number.NaN} ms`;
  return [
    `| ${FOLLOWERS} followers, ${EVENTS_A_SECOND} events a second | p50 | p95 | p99 | most |`,
    '|---|---|---|---|---|',
    `| from recording an event to its frame | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${at(1)} |`,
    '',
    `${expected.toLocaleString('en')} frames, none lost, none twice.`,
  ].join('\n');
}
