/**
 * The folder that holds all of a local desk: made, checked, and emptied by `--reset`.
 *
 * A folder with anything else in it is refused, so that neither a start nor a reset can touch a user's other files: a desk's
 * folder is known by its `secrets.json`, which is the first thing that a desk writes. Does not promise space on the disk.
 */
import { constants } from 'node:fs';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeCluster } from './postgres.ts';
import { SECRETS_FILE } from './secrets.ts';

/** What a desk may have made in its folder besides the cluster; `--reset` deletes these and nothing else. */
const OURS = [
  'run.json',
  'run.json.new',
  'temporal',
  'logs',
  'files',
  'logins.json',
  'logins.json.new',
  // Last, because it is what a desk's folder is known by: a reset that is interrupted can be done again.
  'secrets.json.new',
  SECRETS_FILE,
];

/** What a folder may hold that a desk has only begun in, or that a reset was interrupted in. */
const HARMLESS = new Set(['processes.json', 'processes.json.new', 'cache']);

/** Where each thing lies in the folder. */
export function layout(dataDir: string) {
  return {
    postgres: join(dataDir, 'postgres'),
    temporalDb: join(dataDir, 'temporal', 'temporal.db'),
    files: join(dataDir, 'files'),
    logs: join(dataDir, 'logs'),
    log: (name: string) => join(dataDir, 'logs', `${name}.log`),
  };
}

/** Makes the folder where it is absent; throws a whole sentence when it cannot be written or holds something else. */
export async function openDataFolder(dataDir: string): Promise<void> {
  const entries = await reachable(dataDir);
  const others = entries.filter((name) => !HARMLESS.has(name));
  if (others.length === 0 || entries.includes(SECRETS_FILE)) return;
  const some = others.slice(0, 3).join(', ');
  const fix = 'name another folder with "npm start -- --data DIR", or empty this one yourself';
  throw new Error(`${dataDir} is not a desk's data folder (it holds ${some} and no ${SECRETS_FILE}): ${fix}.`);
}

/** Deletes what a desk made in its folder. No desk may be running there; a folder that is not a desk's was refused before. */
export async function emptyDataFolder(dataDir: string): Promise<void> {
  await removeCluster(layout(dataDir).postgres);
  for (const name of OURS) await rm(join(dataDir, name), { recursive: true, force: true });
}

async function reachable(dataDir: string): Promise<string[]> {
  try {
    // Others may pass through but not look in: PostgreSQL, run by a launcher that is root, is such another.
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return await readdir(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const fix = 'make it writable, or name another folder with "npm start -- --data DIR"';
    throw new Error(`The data folder ${dataDir} cannot be used (${reason}): ${fix}.`, { cause: error });
  }
}
