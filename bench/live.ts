/**
 * How long it takes from recording an event until it is with those who follow: 500 WebSockets in a process of their own, half
 *
 * Counted from before the statement is sent, so each figure holds the recording too. Followers and desk share the machine,
 * and reading 500 copies of each event costs the followers' process as much as writing them costs the desk.
 */
import { pino } from 'pino';
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

/** In milliseconds, smallest first. */
interface Times {
  recording: readonly number[];
  late: readonly number[];
}

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
    await measured(stage, tickets, child, WARM_UP_SECONDS * EVENTS_A_SECOND);
    return table(await measured(stage, tickets, child, seconds * EVENTS_A_SECOND));
  } finally {
    child.kill();
  }
}

/** Lets `count` events happen; throws when not every follower is told of each once. */
async function measured(stage: Stage, tickets: Ticket[], child: ChildProcess, count: number): Promise<Times> {
  const recording = await happen(stage, tickets, count);
  await wait(SETTLING_MS);
  const late = await lateOf(child);
  if (late.length !== count * FOLLOWERS) {
    throw new Error(`${late.length} frames came instead of ${count * FOLLOWERS}: an event was lost, or came twice.`);
  }
  return { recording, late };
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

/**
 * Records `count` events, one ticket after the other, at the pace; nobody waits for one before the next is due. Answers how
 * many milliseconds each took until it was known to be committed, smallest first.
 */
async function happen({ pool }: Stage, tickets: Ticket[], count: number): Promise<number[]> {
  const activities = createTicketActivities({ pool, slack: false, logger: pino({ level: 'warn' }) });
  const started = performance.now();
  const recorded: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) {
    await wait(Math.max(0, started + (index * 1_000) / EVENTS_A_SECOND - performance.now()));
    recorded.push(change(index % tickets.length));
  }
  return (await Promise.all(recorded)).sort((a, b) => a - b);

  async function change(which: number): Promise<number> {
    const ticket = tickets[which];
    if (ticket === undefined) throw new Error(`There is no ticket ${which}.`);
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
    return Date.now() - at;
  }
}

async function lateOf(child: ChildProcess): Promise<number[]> {
  const answered = said(child);
  child.send('how late?');
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

function table({ recording, late }: Times): string {
  const row = (what: string, times: readonly number[]) => {
    const at = (share: number) => `${times[Math.ceil(share * times.length) - 1] ?? Number.NaN} ms`;
    return `| ${what} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${at(1)} |`;
  };
  return [
    `| ${FOLLOWERS} followers, ${EVENTS_A_SECOND} events a second | p50 | p95 | p99 | most |`,
    '|---|---|---|---|---|',
    row('from before an event is recorded to its frame', late),
    row('of it, recording until it is committed', recording),
    '',
    `${late.length.toLocaleString('en')} frames, none lost, none twice.`,
  ].join('\n');
}
