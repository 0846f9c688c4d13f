/**
 * `npm run bench`: the desk beside the bare thing, in one run on the same servers, in turns; writes the table into
 * docs/performance.md. Of the rates only the ratios mean anything: machines are shared and noisy.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { idle } from './idle.ts';
import { lateness } from './lateness.ts';
import { live } from './live.ts';
import { median } from './load.ts';
import { outage } from './outage.ts';
import { openStage, type Stage } from './stage.ts';
import { ticketsAtScale } from './tickets-at-scale.ts';
import { bareCommand, bareReaching, commandByHttp, ticketsReaching } from './tickets.ts';
import { bodiesInserted, rowsInserted, webhooksAccepted } from './webhooks.ts';

const ROUNDS = 5;
/** An engine compiles what runs often, and a desk runs for weeks. */
const WARM_UP = 2;
const TICKETS = 200;

interface Row {
  what: string;
  bare: string;
  unit: 'a second' | 'ms';
  programs: readonly (readonly string[])[];
  desk(stage: Stage): Promise<number>;
  beside(stage: Stage): Promise<number>;
  /** Whether the bare thing needs its worker. */
  bareWorker: boolean;
}

const ROWS: readonly Row[] = [
  {
    what: 'webhooks accepted',
    bare: 'inserting the row',
    unit: 'a second',
    programs: [['api/server.ts']],
    desk: webhooksAccepted,
    beside: rowsInserted,
    bareWorker: false,
  },
  {
    what: 'webhooks accepted',
    bare: 'inserting key and body alone, no other index',
    unit: 'a second',
    programs: [['api/server.ts']],
    desk: webhooksAccepted,
    beside: bodiesInserted,
    bareWorker: false,
  },
  {
    what: 'tickets recorded',
    bare: 'a workflow with one local activity that inserts',
    unit: 'a second',
    programs: [['workers/main.ts', 'tickets']],
    desk: (stage) => ticketsReaching(stage, 'tickets', TICKETS),
    beside: (stage) => bareReaching(stage, 'record', TICKETS),
    bareWorker: true,
  },
  {
    what: 'drafts proposed',
    bare: 'the same with two activities on a queue of their own, and the row of their result',
    unit: 'a second',
    programs: [['workers/main.ts', 'tickets', 'ai']],
    desk: (stage) => ticketsReaching(stage, 'drafts', TICKETS),
    beside: (stage) => bareReaching(stage, 'draft', TICKETS),
    bareWorker: true,
  },
  {
    what: 'drafts proposed',
    bare: 'with the two activities on the workflow’s own queue',
    unit: 'a second',
    programs: [['workers/main.ts', 'tickets', 'ai']],
    desk: (stage) => ticketsReaching(stage, 'drafts', TICKETS),
    beside: (stage) => bareReaching(stage, 'draftOnOneQueue', TICKETS),
    bareWorker: true,
  },
  {
    what: "an agent's command by HTTP",
    bare: 'an update with that local activity',
    unit: 'ms',
    programs: [['workers/main.ts', 'tickets'], ['api/server.ts']],
    desk: commandByHttp,
    beside: bareCommand,
    bareWorker: true,
  },
];

const stage = await openStage();
const table = ['| what | desk | bare | | ratio |', '|---|---|---|---|---|'];
try {
  for (const row of ROWS) {
    const programs = row.bareWorker ? [...row.programs, stage.bareWorker] : row.programs;
    const { desk, bare } = await stage.during(programs, () => inTurns(row));
    const ratio = median(desk.map((value, round) => value / (bare[round] ?? Number.NaN)));
    table.push(
      `| ${row.what}, ${row.unit} | ${show(median(desk))} | ${show(median(bare))} | ${row.bare} | ${ratio.toFixed(2)} |`,
    );
  }
  table.push('', await outage(stage));
} finally {
  await stage.close();
}
table.push('', await lateness(), '', await idle(), '', await live(), '', await ticketsAtScale());
console.log(table.join('\n'));
await publish(table.join('\n'));

/** Desk and bare in turn, so that what else the machine does meets both; the first rounds only warm them up. */
async function inTurns(row: Row): Promise<{ desk: number[]; bare: number[] }> {
  const desk: number[] = [];
  const bare: number[] = [];
  for (let round = 1; round <= WARM_UP + ROUNDS; round += 1) {
    const values = { bare: await row.beside(stage), desk: await row.desk(stage) };
    const measured = round > WARM_UP;
    console.log(
      `${row.what}, ${measured ? `round ${round - WARM_UP}` : 'warming up'}: ` +
        `desk ${show(values.desk)}, bare ${show(values.bare)} ${row.unit}`,
    );
    if (!measured) continue;
    bare.push(values.bare);
    desk.push(values.desk);
  }
  return { desk, bare };
}

function show(value: number | undefined): string {
  return value === undefined ? '' : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

async function publish(measured: string): Promise<void> {
  const file = new URL('../docs/performance.md', import.meta.url);
  const [before = '', , after = ''] = (await readFile(file, 'utf8')).split(/<!-- table -->/);
  const made = `Measured on ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${process.arch}.`;
  await writeFile(file, `${before}<!-- table -->\n${measured}\n\n${made}\n<!-- table -->${after}`);
}
