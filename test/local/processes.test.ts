import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { launch } from '../../local/child.ts';
import { AlreadyRunning, claim, entryOf, type Entry } from '../../local/claim.ts';
import { startNode } from '../../local/node-child.ts';
import { Processes } from '../../local/processes.ts';
import { identify } from '../../local/process-identity.ts';
import { temporaryFolder } from './folder.ts';

const folder = await temporaryFolder();
const logFile = join(folder, 'log');
const PROGRAM = join(folder, 'program.mjs');
const LAUNCHER = join(folder, 'launcher.mjs');
const pidsSchema = z.object({ deaf: z.number(), listening: z.number() });
const SLEEP = ['-e', 'setInterval(() => {}, 1000)', folder];

await writeFile(
  PROGRAM,
  `import { appendFileSync } from 'node:fs';
   const [name, diary] = process.argv.slice(2);
   const timer = setInterval(() => {}, 1000);
   const end = (why) => { if (diary) appendFileSync(diary, name + ' ' + why + '\\n'); process.exit(0); };
   process.once('SIGTERM', () => end('SIGTERM')).once('disconnect', () => end('disconnect'));
   process.send({ ready: true, name });`,
);
// A launcher that is killed: it claims its folder, starts one child with a channel and one without, and tells their pids.
await writeFile(
  LAUNCHER,
  `import { launch } from '${import.meta.dirname}/../../local/child.ts';
   import { claim } from '${import.meta.dirname}/../../local/claim.ts';
   import { startNode } from '${import.meta.dirname}/../../local/node-child.ts';
   import { Processes } from '${import.meta.dirname}/../../local/processes.ts';
   const [dataDir, logFile] = process.argv.slice(2);
   const ours = await claim(dataDir);
   const processes = new Processes({ say: () => {}, onChange: (children) => ours.record(children) });
   await processes.start('deaf', (onSpawn) => launch(process.execPath, ${JSON.stringify(SLEEP)}, { logFile, onSpawn }));
   const options = { name: 'listening', args: ['${PROGRAM}', 'listening'], cwd: dataDir, env: {}, logFile };
   await processes.start('listening', (onSpawn) => startNode({ ...options, onSpawn }));
   process.send(processes.pids);`,
);

const running: Processes[] = [];
afterEach(async () => {
  for (const processes of running.splice(0)) await processes.stop();
});

function supervise() {
  const lines: string[] = [];
  const changes: (readonly Entry[])[] = [];
  const processes = new Processes({ say: (line) => lines.push(line), onChange: (children) => changes.push(children) });
  running.push(processes);
  const program = async (name: string, ...args: string[]) =>
    processes.start(name, async (onSpawn) =>
      startNode({ name, args: [PROGRAM, name, ...args], cwd: folder, env: {}, logFile, onSpawn }),
    );
  return { processes, program, lines, changes };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 15_000, interval: 20 });
}

const gone = async (pid: number) => (await identify(pid)) === undefined;

describe('the supervisor', { timeout: 30_000 }, () => {
  it('starts a killed child again, says so, and tells its new pid', async () => {
    const { processes, program, lines, changes } = supervise();
    const { pid, said } = await program('relay');
    expect(said).toEqual({ ready: true, name: 'relay' });
    process.kill(pid, 'SIGKILL');
    await until(() => lines.some((line) => line.startsWith('relay runs again')));
    expect(lines[0]).toBe('relay ended unexpectedly (signal SIGKILL); it is started again.');
    expect(processes.pids['relay']).not.toBe(pid);
    expect(changes.at(-1)?.map((entry) => entry.pid)).toEqual([processes.pids['relay']]);
  });

  it('stops the youngest first, all that it started, and nothing else', async () => {
    const diary = join(folder, 'diary');
    const stranger = await launch(process.execPath, SLEEP, { logFile });
    const { processes, program, lines } = supervise();
    for (const name of ['simulators', 'workers', 'api']) await program(name, diary);
    const pids = Object.values(processes.pids);
    await processes.stop();
    expect(await readFile(diary, 'utf8')).toBe('api SIGTERM\nworkers SIGTERM\nsimulators SIGTERM\n');
    for (const pid of pids) expect(await gone(pid)).toBe(true);
    expect(lines).toEqual([]);
    expect(await gone(stranger.pid)).toBe(false);
    await stranger.stop();
  });

  it('starts nothing any more once it is being stopped', async () => {
    const { processes, program } = supervise();
    await processes.stop();
    await expect(program('late')).rejects.toThrow('The desk is being stopped.');
    expect(processes.pids).toEqual({});
  });

  it('ends a child that is only just starting', async () => {
    const { processes } = supervise();
    const args = ['-e', 'setInterval(() => {}, 1000)'];
    const silent = processes.start('silent', async (onSpawn) =>
      startNode({ name: 'The silent one', args, cwd: folder, env: {}, logFile, onSpawn }),
    );
    const failed = silent.catch((error: unknown) => error);
    await until(() => processes.pids['silent'] !== undefined);
    await processes.stop();
    expect(String(await failed)).toContain('The silent one ended at once (signal SIGTERM)');
  });

  it('says why a child did not become ready, with the end of its log', async () => {
    const { processes } = supervise();
    const args = ['-e', 'console.error("The database is missing."); process.exit(4)'];
    const started = processes.start('api', async (onSpawn) =>
      startNode({ name: 'The api', args, cwd: folder, env: {}, logFile, onSpawn }),
    );
    await expect(started).rejects.toThrow(/^The api ended at once \(exit code 4\).*The database is missing\./s);
  });
});

describe('the claim on a data folder', { timeout: 30_000 }, () => {
  it('is refused while its desk runs; after a kill, the next start ends what was left behind', async () => {
    const dataDir = await temporaryFolder();
    const launcher = fork(LAUNCHER, [dataDir, logFile], { execArgv: [] });
    const pids = pidsSchema.parse((await once(launcher, 'message'))[0]);
    await expect(claim(dataDir)).rejects.toThrow(AlreadyRunning);

    launcher.kill('SIGKILL');
    await until(async () => gone(pids.listening)); // its channel closed
    expect(await gone(pids.deaf)).toBe(false);

    const ours = await claim(dataDir);
    expect(ours.ended).toEqual(['deaf']);
    // Ended, though whoever adopted it may not have looked after it yet.
    await until(async () => gone(pids.deaf));
    await ours.release();
  });

  it('leaves a process alone that has the pid of a leftover but is another', async () => {
    const dataDir = await temporaryFolder();
    const stranger = await launch(process.execPath, SLEEP, { logFile });
    const entry = await entryOf('postgres', stranger.pid);
    if (entry === undefined) throw new Error('The stranger should be running.');
    const supervisor = { ...entry, pid: 2 ** 22 + 1, name: 'supervisor' };
    const children = [
      { ...entry, command: 'postgres -D elsewhere' },
      { ...entry, startedAt: 'another time' },
    ];
    await writeFile(join(dataDir, 'processes.json'), JSON.stringify({ supervisor, children }));
    const ours = await claim(dataDir);
    expect(ours.ended).toEqual([]);
    expect(await gone(stranger.pid)).toBe(false);
    await ours.release();
    await stranger.stop();
  });

  it('refuses a list of processes that no desk wrote, and names the fix', async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'processes.json'), '[]');
    await expect(claim(dataDir)).rejects.toThrow(/not what a desk wrote: make sure that no desk runs/);
  });
});
