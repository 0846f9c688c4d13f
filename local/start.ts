/**
 * `npm start`: one command from a fresh clone to a running desk, and Ctrl-C to its clean end.
 *
 * Everything it needs lies in one folder, `.holdfast` unless `--data` names another. Does not promise a desk for the internet:
 * all of it listens on 127.0.0.1, and the vendors that the environment does not name are simulators.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { type Arguments, readArguments, USAGE } from './arguments.ts';
import { AlreadyRunning, claim, type Claim } from './claim.ts';
import { emptyDataFolder, layout, openDataFolder } from './data-folder.ts';
import { type Desk, startDesk } from './desk.ts';
import { Processes } from './processes.ts';
import { removeRunFile, runningDesk, writeRunFile } from './run-file.ts';
import { playSample } from './sample-desk.ts';
import { openSecrets } from './secrets.ts';
import { Steps } from './steps.ts';
import { welcome } from './welcome.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// oxlint-disable-next-line node/no-process-env -- the launcher hands the user's environment on to what it starts
const env = process.env;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function leave(): void {
  process.exit(1);
}

async function main(): Promise<void> {
  // Until there is something to stop; the bootstrap may be killed at any moment.
  process.once('disconnect', leave);
  const wish = readArguments(process.argv.slice(2));
  if (wish.help) {
    say(USAGE);
    process.exit(0);
  }
  const dataDir = folderOf(wish);
  await openDataFolder(dataDir);
  const ours = await claimFolder(dataDir);
  await removeRunFile(dataDir);
  let desk: Desk | undefined;
  const processes = new Processes({
    say: (line) => say(`${new Date().toISOString()} ${line}`),
    onChange: (children) => {
      ours.record(children);
      if (desk !== undefined) announce(dataDir, desk, processes);
    },
  });
  const finish = once(async () => {
    desk = undefined;
    await removeRunFile(dataDir);
    await processes.stop();
    await ours.release();
  });
  process.off('disconnect', leave);
  stopOnSignals(finish);
  try {
    if (wish.reset) await emptyDataFolder(dataDir);
    say(`Holdfast starts; its data lies in ${dataDir}.`);
    const steps = new Steps(say);
    const secrets = await openSecrets(dataDir);
    const started = await startDesk({
      dataDir,
      port: wish.port,
      empty: wish.empty,
      env,
      secrets,
      processes,
      steps,
      say,
    });
    if (processes.stopping) return;
    desk = started;
    announce(dataDir, desk, processes);
    say(welcome(desk, steps.total(), layout(dataDir).logs));
    if (!wish.empty) await showSample(started, processes);
  } catch (error) {
    // A start that is interrupted fails at whatever it was about to do; that is no news.
    if (processes.stopping) return;
    complain(error);
    await finish();
    process.exit(1);
  }
}

/** The desk is ready with or without its sample: a sample that breaks off is told, and nothing is stopped for it. */
async function showSample(desk: Desk, processes: Processes): Promise<void> {
  try {
    await playSample(desk, say, () => processes.stopping);
  } catch (error) {
    if (!processes.stopping) say(`The sample broke off: ${error instanceof Error ? error.message : inspect(error)}`);
  }
}

function folderOf({ data }: Arguments): string {
  if (data === undefined) return join(ROOT, '.holdfast');
  // npm runs its scripts in the project's folder, whichever folder the user called it from.
  const base = env['npm_lifecycle_event'] === 'start' ? env['INIT_CWD'] : undefined;
  return resolve(base ?? process.cwd(), data);
}

async function claimFolder(dataDir: string): Promise<Claim> {
  try {
    const ours = await claim(dataDir);
    if (ours.ended.length > 0)
      say(`A desk was killed here; what it left running has been ended: ${ours.ended.join(', ')}.`);
    return ours;
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    const place = (await runningDesk(dataDir))?.api ?? 'an address that it has not told yet';
    const fix = 'stop it first, or start another one with "npm start -- --data DIR"';
    throw new Error(`A desk with this data is already running at ${place}, pid ${error.pid}: ${fix}.`, {
      cause: error,
    });
  }
}

function announce(dataDir: string, desk: Desk, processes: Processes): void {
  writeRunFile(dataDir, { ...desk, pids: { ...processes.pids, supervisor: process.pid } });
}

/** Ends the desk on Ctrl-C, on a closed terminal, and when the bootstrap that started this process has been killed. */
function stopOnSignals(finish: () => Promise<void>): void {
  const stop = (why: string) => {
    say(`${why}: the desk is being stopped …`);
    finish().then(
      () => {
        say('The desk is stopped.');
        process.exit(0);
      },
      (error: unknown) => {
        complain(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
  process.once('disconnect', () => stop('The launcher is gone'));
  // A repeated Ctrl-C must not kill the launcher before it has stopped the rest.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // With its terminal closed, the desk can tell nobody anything, but it can still stop cleanly.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return async () => (running ??= work());
}

function complain(error: unknown): void {
  // What we throw ourselves is a whole sentence; anything else is a defect, and its place helps whoever mends it.
  const ours = error instanceof Error && error.constructor === Error;
  process.stderr.write(`${ours ? error.message : inspect(error)}\n`);
}

try {
  await main();
} catch (error) {
  complain(error);
  process.exit(1);
}
