/**
 * Lists, filters and searches with 10,000 tickets beside the same with 100,000, through an API process each, in turns: the
 * 95th percentile and the median of each and their ratio, and the plans of the main statements with 100,000. By itself: `node
 * bench/tickets-at-scale.ts`.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import pg from 'pg';
import { API_KEY_PREFIX } from '../api/authenticate.ts';
import { createCursors } from '../api/cursor.ts';
import { searchStatement } from '../api/reads/search.ts';
import { searchQuery } from '../api/reads/search-words.ts';
import { listStatement } from '../api/reads/ticket-lists.ts';
import { migrate } from '../db/migrate.ts';
import { EVERYTHING, type Viewer } from '../domain/scope.ts';
import { startNode } from '../local/node-child.ts';
import { removeCluster, startPostgres } from '../local/postgres.ts';
import { median } from './load.ts';
import { fill } from './many-tickets.ts';
import { QUESTIONS, type Sample } from './ticket-questions.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SECRET = 'the secret of the bench';
const SIZES = [10_000, 100_000] as const;
/** What is asked differs from round to round; each of it was asked once before it is measured. */
const DIFFERENT = 5;
const ROUNDS = 40;
/** The teams whose tickets the scoped agent sees, of twenty. */
const TEAMS = ['team-3', 'team-7'];

interface Desk {
  pool: pg.Pool;
  port: number;
  agentId: string;
  keys: { lead: string; agent: string };
  samples: Sample[];
  stop(): Promise<void>;
}

/** Measures; answers a table and the plans. */
export async function ticketsAtScale(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const dataDir = join(folder, 'postgres');
  const postgres = await startPostgres({ dataDir, port: await getPort(), logFile: join(folder, 'postgres.log') });
  const desks: Desk[] = [];
  try {
    for (const size of SIZES) desks.push(await open(postgres.url, size, join(folder, 'api.log')));
    const [small, large] = desks;
    if (small === undefined || large === undefined) throw new Error('There are two sizes.');
    const table = [
      '| p95 (median), ms | lead, 10,000 | 100,000 | ratio | scoped agent, 10,000 | 100,000 | ratio |',
      '|---|---|---|---|---|---|---|',
    ];
    const together = new Map<string, { lead: Times; agent: Times }>();
    for (const [what, ask] of Object.entries(QUESTIONS)) {
      const times = {
        lead: await inTurns(small, large, 'lead', ask),
        agent: await inTurns(small, large, 'agent', ask),
      };
      table.push(rowOf(what, times));
      console.log(table.at(-1));
      const kind = kindOf(what);
      const { lead, agent } = together.get(kind) ?? { lead: [[], []], agent: [[], []] };
      together.set(kind, { lead: joined(lead, times.lead), agent: joined(agent, times.agent) });
    }
    for (const [kind, times] of together) table.push(rowOf(`**${kind}, all of them together**`, times));
    return [...table, '', ...(await plans(small, large))].join('\n');
  } finally {
    await Promise.all(desks.map((desk) => desk.stop()));
    await postgres.stop();
    await removeCluster(dataDir);
    await rm(folder, { recursive: true, force: true });
  }
}

/** In milliseconds, of the small desk and of the large one. */
type Times = [small: number[], large: number[]];

function kindOf(what: string): string {
  if (what.startsWith('search')) return 'searches';
  return what.startsWith('all') || what.startsWith('sort') ? 'lists' : 'filters';
}

function joined([small, large]: Times, [moreSmall, moreLarge]: Times): Times {
  return [
    [...small, ...moreSmall],
    [...large, ...moreLarge],
  ];
}

function rowOf(what: string, { lead, agent }: { lead: Times; agent: Times }): string {
  return `| ${what} | ${[...cellsOf(lead), ...cellsOf(agent)].join(' | ')} |`;
}

function cellsOf(times: Times): string[] {
  const cells = ([before = Number.NaN, after = Number.NaN]: number[]) => [
    before.toFixed(1),
    after.toFixed(1),
    (after / before).toFixed(2),
  ];
  const middle = cells(times.map(median));
  return cells(times.map(p95)).map((cell, index) => `${cell} (${middle[index]})`);
}

/** Small and large in turn, so that what else the machine does meets both. */
async function inTurns(
  small: Desk,
  large: Desk,
  who: 'lead' | 'agent',
  ask: (sample: Sample, round: number) => string,
): Promise<Times> {
  const times: Times = [[], []];
  for (let round = 0; round < DIFFERENT + ROUNDS; round += 1) {
    for (const [index, desk] of [small, large].entries()) {
      const sample = desk.samples[round % desk.samples.length];
      if (sample === undefined) throw new Error('The desk is empty.');
      const took = await timed(desk, who, ask(sample, round % DIFFERENT));
      if (round >= DIFFERENT) times[index]?.push(took);
    }
  }
  return times;
}

async function timed({ port, keys }: Desk, who: 'lead' | 'agent', query: string): Promise<number> {
  const started = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/tickets?${query}`, {
    headers: { authorization: `Bearer ${keys[who]}` },
  });
  const body = await answer.text();
  const took = performance.now() - started;
  if (answer.status !== 200) throw new Error(`${query} was answered with ${answer.status}: ${body.slice(0, 300)}`);
  return took;
}

function p95(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN;
}

/** A database of its own with that many tickets, and an API process in front of it. */
async function open(server: string, size: number, logFile: string): Promise<Desk> {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database desk_${size}`);
  await admin.end();
  const url = Object.assign(new URL(server), { pathname: `/desk_${size}` }).href;
  await migrate(url);
  const pool = new pg.Pool({ connectionString: url });
  const started = performance.now();
  await fill(pool, size);
  console.log(`${size} tickets in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const agentId = await idOf(pool, `select id from users where email = 'agent3@bench.test'`);
  await pool.query('update users set scope = $2 where id = $1', [agentId, { ...EVERYTHING, teams: TEAMS }]);
  const keys = { lead: await newKey(pool, 'lead', null), agent: await newKey(pool, 'agent', agentId) };
  const port = await getPort();
  const env = {
    DATABASE_URL: url,
    // Reads never ask it.
    TEMPORAL_ADDRESS: '127.0.0.1:9',
    APP_SECRET: SECRET,
    LOG_LEVEL: 'error',
    PORT: `${port}`,
    RATE_LIMIT_PER_MINUTE: '10000000',
  };
  const api = await startNode({ name: 'API', args: ['api/server.ts'], cwd: ROOT, env, logFile });
  return {
    pool,
    port,
    agentId,
    keys,
    samples: await samples(pool),
    async stop() {
      await api.stop();
      await pool.end();
    },
  };
}

async function newKey(pool: pg.Pool, role: string, userId: string | null): Promise<string> {
  const key = `${API_KEY_PREFIX}${randomBytes(24).toString('hex')}`;
  await pool.query(
    `insert into api_keys (id, name, role, user_id, hash, created_at) values (gen_random_uuid(), $1, $1, $2, $3, now())`,
    [role, userId, createHash('sha256').update(key).digest('hex')],
  );
  return key;
}

async function samples(pool: pg.Pool): Promise<Sample[]> {
  const { rows } = await pool.query<Omit<Sample, 'halfWay'> & { at: string; id: string }>(
    `select t.number, t.id, t.created_at::text as at, c.id as customer, c.email, c.name,
            md5('agent ' || t.number % 100)::uuid as agent,
            array_to_string((regexp_split_to_array(t.subject, ' '))[2:4], ' ') as phrase
     from tickets t join customers c on c.id = t.requester_id
     where t.team_id = $1 and t.number % 3 = 0 order by abs(t.number - (select avg(number) from tickets)) limit ${DIFFERENT}`,
    [TEAMS[0]],
  );
  const cursors = createCursors(SECRET);
  return rows.map(({ at, id, ...sample }) => ({
    ...sample,
    halfWay: cursors.sign(['tickets', '-createdAt', {}], [at, id]),
  }));
}

async function idOf(pool: pg.Pool, text: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(text);
  if (rows[0] === undefined) throw new Error(`Nothing was found by: ${text}`);
  return rows[0].id;
}

/** How the large desk's database goes about the main ones, and of how many pages it and the small one's read. */
async function plans(small: Desk, large: Desk): Promise<string[]> {
  const before = await plansOf(small);
  const after = await plansOf(large);
  return after.map(({ what, pages, steps }, index) =>
    [
      `\`${what}\`: ${before[index]?.pages} pages with 10,000 tickets, ${pages} with 100,000`,
      '',
      '```',
      ...steps,
      '```',
      '',
    ].join('\n'),
  );
}

async function plansOf({ pool, agentId, samples: [sample] }: Desk): Promise<Plan[]> {
  const lead: Viewer = { holderId: null, customerId: null, scope: EVERYTHING };
  const agent: Viewer = { holderId: agentId, customerId: null, scope: { ...EVERYTHING, teams: TEAMS } };
  const list = { viewer: lead, filters: {}, sort: '-createdAt', after: null, limit: 26 } as const;
  const shown = [
    await plan(pool, 'status=open', listStatement({ ...list, filters: { status: 'open' } })),
    await plan(pool, 'all, a scoped agent', listStatement({ ...list, viewer: agent })),
    await plan(pool, 'assignee=none', listStatement({ ...list, filters: { assignee: 'none' } })),
    await plan(pool, 'customer={address}', listStatement({ ...list, filters: { customer: sample?.email } })),
    await plan(pool, 'sort=next', listStatement({ ...list, sort: 'next' })),
    await plan(pool, 'sort=next, a scoped agent', listStatement({ ...list, viewer: agent, sort: 'next' })),
    await plan(pool, 'sort=next&assignee=me', listStatement({ ...list, filters: { assignee: agentId }, sort: 'next' })),
  ];
  for (const [typed, viewer] of [
    ['order', lead],
    ['warranty', agent],
    [`"${sample?.phrase}"`, agent],
    ['zeppelin', lead],
  ] as const) {
    const query = await searchQuery(pool, typed, { inside: true, thorough: false });
    if (query === null) throw new Error('There is a word in it.');
    const page = { ...list, viewer, inside: true, typed, sort: 'relevance' } as const;
    const who = viewer === lead ? '' : ', a scoped agent';
    shown.push(await plan(pool, `q=${typed}${who}`, searchStatement(page, query)));
  }
  return shown;
}

const STEPS = /(Scan|Limit|Sort|One-Time|Index Cond|Rows Removed|Execution Time)/;
/** What is read beside the tickets of a page, the same everywhere. */
const BESIDE = / (c|g|u|s|l|o)( |$)|\(id = |never executed/;

interface Plan {
  what: string;
  /** How many pages were read, from memory or not. */
  pages: number;
  /** Of each its kind, its rows and its time. */
  steps: string[];
}

async function plan(pool: pg.Pool, what: string, { text, values }: { text: string; values: unknown[] }): Promise<Plan> {
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off) ${text}`, values);
  const lines = rows.map((row) => row['QUERY PLAN']);
  const buffers = lines.find((line) => line.includes('Buffers:')) ?? '';
  const pages = [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  const steps = lines.filter((line) => STEPS.test(line) && !BESIDE.test(line.replace(/ \(actual.*/, '')));
  return { what, pages, steps: steps.map((line) => line.slice(0, 150)) };
}

if (import.meta.main) console.log(await ticketsAtScale());
