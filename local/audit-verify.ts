/**
 * `npm run audit:verify`: recomputes the chain over the audit log and the tickets' timelines, and names the first row that was
 * altered, taken out or put in. Ends with 0 when all holds and 1 when not. Reads only, beside a running desk.
 *
 * The database is the one of the desk that runs on `--data DIR`, else the one that DATABASE_URL names, else the one of the
 * desk on `.holdfast`. Whoever may write the whole database may write the whole chain anew: note the position and the hash
 * that this prints somewhere else, and give them back as `--noted POSITION:HASH`.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Noted, verifyChain } from '../db/audit-verify.ts';
import { runningDesk } from './run-file.ts';

const USAGE = 'Usage: npm run audit:verify -- [--data DIR] [--noted POSITION:HASH]';
// oxlint-disable-next-line node/no-process-env -- an operator's command, which needs no more of the configuration than this
const env = process.env;

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, noted: { type: 'string' } } });
  const noted = values.noted === undefined ? null : notedOf(values.noted);
  const pool = new pg.Pool({ connectionString: await databaseUrl(values.data), max: 1 });
  try {
    const { holds, waiting, hash, wrong } = await verifyChain(pool, noted);
    if (wrong !== null) {
      console.error(`The audit log does not hold. ${wrong}`);
      console.error(`${holds} rows before it hold.`);
      return false;
    }
    const rest = waiting === 0 ? '' : `; ${waiting} more were written just now and wait to be sealed`;
    console.log(`The audit log holds: ${holds} rows are as they were sealed${rest}.`);
    console.log(`Note this elsewhere, for --noted the next time: ${holds}:${hash}`);
    return true;
  } finally {
    await pool.end();
  }
}

function notedOf(text: string): Noted {
  const [, position, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (position === undefined || hash === undefined) {
    throw new Error(`--noted needs POSITION:HASH as an earlier run printed it, not "${text}".\n\n${USAGE}`);
  }
  return { position: Number(position), hash };
}

async function databaseUrl(data: string | undefined): Promise<string> {
  const named = env['DATABASE_URL'];
  if (data === undefined && named !== undefined) return named;
  const folder =
    data === undefined
      ? join(fileURLToPath(new URL('..', import.meta.url)), '.holdfast')
      : // npm runs its scripts in the project's folder, whichever folder the user called it from.
        resolve(env['INIT_CWD'] ?? process.cwd(), data);
  const desk = await runningDesk(folder);
  if (desk !== undefined) return desk.postgres;
  const fix = 'start it with "npm start", name its folder with --data, or set DATABASE_URL';
  throw new Error(`No desk runs on ${folder}, so there is no database to look at: ${fix}.`);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
