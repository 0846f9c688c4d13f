/**
 * Who runs on a data folder, kept in its `processes.json`: the launcher and every process it started.
 *
 * It keeps two desks off one folder, and lets the next start end what a killed launcher left behind. A process is ended only
 * when its start time and command line are those that were written down; a pid that another process has by now is left alone.
 * Does not promise to tell two starts apart that begin within the same few milliseconds; PostgreSQL's own lock does.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { writePrivateJson } from './private-file.ts';
import { type Identity, identify, isStill } from './process-identity.ts';

const entrySchema = z.object({ name: z.string(), pid: z.int().positive(), startedAt: z.string(), command: z.string() });
const fileSchema = z.object({ supervisor: entrySchema, children: z.array(entrySchema) });

export type Entry = z.infer<typeof entrySchema>;

/** A folder that is ours; `record` notes the children of this moment, `release` gives the folder up. */
export type Claim = {
  /** Names of the processes that a killed launcher had left behind here, ended by now. */
  readonly ended: readonly string[];
  record(children: readonly Entry[]): void;
  release(): Promise<void>;
};

/** Thrown when a desk is running on the folder; `pid` is its launcher's. */
export class AlreadyRunning extends Error {
  readonly pid: number;
  constructor(pid: number, dataDir: string) {
    super(`A desk is already running on ${dataDir}, pid ${pid}.`);
    this.pid = pid;
  }
}

const FILE = 'processes.json';
const PATIENCE_MS = 10_000;
const POLL_MS = 25;

/** Takes the folder for this process, after ending what a killed launcher left; throws AlreadyRunning when it is in use. */
export async function claim(dataDir: string): Promise<Claim> {
  const file = join(dataDir, FILE);
  const before = await readEntries(file);
  if (
    before !== undefined &&
    before.supervisor.pid !== process.pid &&
    (await isStill(before.supervisor.pid, before.supervisor))
  ) {
    throw new AlreadyRunning(before.supervisor.pid, dataDir);
  }
  const supervisor = await entryOf('supervisor', process.pid);
  if (supervisor === undefined)
    throw new Error('The system does not tell about its processes: mount /proc, or install "ps".');
  const record = (children: readonly Entry[]) => writePrivateJson(file, { supervisor, children });
  const leftovers = before?.children ?? [];
  record(leftovers); // still known, should this start be killed before it has ended them
  const ended = await Promise.all(
    leftovers.map(async (entry) => ((await endLeftover(entry)) ? entry.name : undefined)),
  );
  record([]);
  return {
    ended: ended.filter((name) => name !== undefined),
    record,
    release: async () => rm(file, { force: true }),
  };
}

/** Describes a process so that it can be known again, or resolves with undefined when it has ended already. */
export async function entryOf(name: string, pid: number): Promise<Entry | undefined> {
  const identity = await identify(pid);
  return identity === undefined ? undefined : { name, pid, ...identity };
}

async function readEntries(file: string): Promise<z.infer<typeof fileSchema> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = fileSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(
    `${file} is not what a desk wrote: make sure that no desk runs on this folder, then delete that file.`,
  );
}

async function endLeftover(entry: Entry): Promise<boolean> {
  const identity: Identity = entry;
  if (!(await isStill(entry.pid, identity))) return false;
  // PostgreSQL's fast shutdown is SIGINT; its SIGTERM would wait for sessions that nobody closes any more.
  sendSignal(entry.pid, entry.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  const deadline = Date.now() + PATIENCE_MS;
  while (await isStill(entry.pid, identity)) {
    if (Date.now() > deadline) sendSignal(entry.pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
  return true;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // it ended in between
  }
}
