/**
 * What an idle desk costs with 10,000 open tickets whose clocks run, beside the same desk without a ticket: the CPU seconds
 * of every process, read off Linux' /proc. Elsewhere it is not measured.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createSettings } from '../db/settings.ts';
import { createTicketClient } from '../workflows/ticket-client.ts';
import { QUEUES } from '../workflows/ticket-messages.ts';
import { together } from './load.ts';
import { firstMessage } from './message.ts';
import { openStage, type Stage } from './stage.ts';

const TICKETS = 10_000;
const MEASURED_MS = 30_000;
/** In this time everybody comes to rest: connections, compilers, Temporal's own housekeeping of what was just written. */
const SETTLING_MS = 30_000;
/** A type for which no draft is written, so that thousands are open in minutes. */
const TYPE = 'complaint';
const TRIES = 5;
/** Linux counts CPU time in hundredths of a second for those who ask. */
const TICKS_A_SECOND = 100;

const PARTS = ['API', 'workers', 'relay', 'PostgreSQL', 'Temporal'] as const;
type Usage = Record<(typeof PARTS)[number], number>;

/** Measures on a desk of its own with `count` tickets; answers a table with a sentence. */
export async function idle(count = TICKETS): Promise<string> {
  if (process.platform !== 'linux') return 'What an idle desk costs was not measured: it is read off Linux’ /proc.';
  const stage = await openStage();
  const programs = [['api/server.ts'], ['workers/main.ts', ...QUEUES], ['workers/main.ts', 'relay']];
  try {
    return await stage.during(programs, async () => {
      const without = await atRest();
      const seconds = await open(stage, count);
      const withTickets = await atRest();
      return table(count, seconds, without, withTickets);
    });
  } finally {
    await stage.close();
  }
}

/** Opens the tickets; answers how many seconds it took until each is triaged and owes nothing. */
async function open({ client, pool, prefix }: Stage, count: number): Promise<number> {
  const started = performance.now();
  const tickets = createTicketClient(client, prefix);
  const settings = createSettings(pool);
  await together(count, async () => {
    const { name, command } = await firstMessage(pool, settings, { priority: 'normal', supportType: TYPE });
    // As the relay does, which tries again what Temporal did not take in time.
    for (let tries = 1; ; tries += 1) {
      const failed = await tickets.deliver(name, command).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed === null) return;
      if (tries === TRIES) throw failed;
    }
  });
  for (;;) {
    const { rows } = await pool.query<{ ready: number }>(
      `select count(*)::integer as ready from tickets where status = 'open' and not owes and sla_due_at > now()`,
    );
    if (rows[0]?.ready === count) return (performance.now() - started) / 1000;
    await wait(200);
  }
}

/** The CPU seconds that each part takes in {@link MEASURED_MS} after it has come to rest. */
async function atRest(): Promise<Usage> {
  await wait(SETTLING_MS);
  const before = await usage();
  await wait(MEASURED_MS);
  const after = await usage();
  for (const part of PARTS) after[part] -= before[part];
  return after;
}

/** The CPU seconds so far of the processes that this one started, and of theirs. */
async function usage(): Promise<Usage> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const processes = new Map(
    (await Promise.all(pids.map(look))).flatMap((one) => (one === null ? [] : [[one.pid, one]])),
  );
  const used: Usage = { API: 0, workers: 0, relay: 0, PostgreSQL: 0, Temporal: 0 };
  for (const one of processes.values()) {
    let parent = one.parent;
    while (parent > 1 && parent !== process.pid) parent = processes.get(parent)?.parent ?? 0;
    const part = parent === process.pid ? partOf(one.command) : null;
    if (part !== null) used[part] += one.seconds;
  }
  return used;
}

/** A process with the CPU time of its own and of its children that have ended; null for one that has just ended. */
async function look(pid: string) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    // The name before the last bracket may hold anything; after it come state, parent and, from the twelfth on, the times.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [own = 0, system = 0, children = 0, childrenSystem = 0] = fields.slice(11, 15);
    const seconds = (own + system + children + childrenSystem) / TICKS_A_SECOND;
    return { pid: Number(pid), parent: fields[1] ?? 0, command: command.replaceAll('\0', ' '), seconds };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

function partOf(command: string): keyof Usage | null {
  if (command.includes('postgres')) return 'PostgreSQL';
  if (command.includes('temporal')) return 'Temporal';
  if (command.includes('api/server.ts')) return 'API';
  if (command.includes('workers/main.ts relay')) return 'relay';
  return command.includes('workers/main.ts') ? 'workers' : null;
}

function table(count: number, opened: number, without: Usage, withTickets: Usage): string {
  const total = (one: Usage) => PARTS.reduce((sum, part) => sum + one[part], 0);
  const row = (what: string, one: Usage) =>
    `| ${what} | ${[...PARTS.map((part) => one[part]), total(one)].map((seconds) => seconds.toFixed(2)).join(' | ')} |`;
  const share = (total(withTickets) - total(without)) / (MEASURED_MS / 1000);
  const tickets = count.toLocaleString('en');
  return [
    `| CPU seconds in ${MEASURED_MS / 1000} s of rest | ${PARTS.join(' | ')} | all |`,
    `|---|${'---|'.repeat(PARTS.length + 1)}`,
    row('no ticket', without),
    row(`${tickets} open tickets, clocks running`, withTickets),
    '',
    `At rest ${tickets} open tickets change the use of one CPU by ${(share * 100).toFixed(1)} %; opening them took ${opened.toFixed(0)} s.`,
  ].join('\n');
}
