/**
 * One child process whose output goes to a log file: started, watched until it answers, and stopped.
 *
 * Every child gets a session of its own, so that Ctrl-C in a terminal reaches the launcher only and the launcher decides the
 * order. Does not promise that a child ends when the launcher is killed: `processes.ts` sees to that.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A running process: `exited` resolves when it has ended, whoever ended it; `stop` asks it to end and waits for that. */
export type Child = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
};

export type LaunchOptions = {
  readonly logFile: string;
  /** The whole environment of the child; the launcher's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Runs the child as this user; only root may. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Opens an IPC channel and hears its messages; the channel closes when the launcher dies, which tells a Node child to end. */
  readonly onMessage?: (message: unknown) => void;
  /** Told of the child as soon as the system has started it. */
  readonly onSpawn?: ((child: Child) => void) | undefined;
  /** The signal that asks the child to end; SIGTERM when left out. */
  readonly stopSignal?: NodeJS.Signals;
};

const PATIENCE_MS = 10_000;
const POLL_MS = 25;

/** Starts `command` and resolves once the system has started it; throws a whole sentence when it cannot be run. */
export async function launch(command: string, args: readonly string[], options: LaunchOptions): Promise<Child> {
  await mkdir(dirname(options.logFile), { recursive: true, mode: 0o700 });
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(command, args, {
    detached: true,
    stdio: options.onMessage === undefined ? ['ignore', log, log] : ['ignore', log, log, 'ipc'],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.user,
  });
  closeSync(log);
  if (options.onMessage !== undefined) child.on('message', options.onMessage);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} cannot be run: ${error.message}.`, { cause: error })));
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  // A failed kill or a message to a child that has just died is reported here; `exited` already tells that it is gone.
  child.on('error', () => undefined);
  const launched = {
    pid,
    exited,
    stop: async () => end(child, exited, options.stopSignal ?? 'SIGTERM'),
  };
  options.onSpawn?.(launched);
  return launched;
}

async function end(child: ChildProcess, exited: Promise<Exit>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const lastResort = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await exited;
  clearTimeout(lastResort);
}

/**
 * Asks `probe` again and again until it no longer throws, and resolves with its answer. Throws as soon as the child exits, or
 * after `deadlineMs`, with the last lines of its log; the child is then stopped.
 */
export async function untilReady<T>(
  name: string,
  child: Child,
  logFile: string,
  probe: () => Promise<T>,
  deadlineMs = 30_000,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), deadlineMs);
  const gone = child.exited.then((exit) => ({ exit }));
  const tooLate = new Promise<{ late: true }>((resolve) => {
    late.signal.addEventListener('abort', () => resolve({ late: true }), { once: true });
  });
  let reason = 'it says nothing';
  try {
    for (;;) {
      const outcome = await Promise.race([gone, tooLate, attempt(probe)]);
      if ('answer' in outcome) return outcome.answer;
      if ('exit' in outcome)
        throw new Error(await failure(`${name} ended at once (${describe(outcome.exit)})`, logFile));
      if ('late' in outcome) {
        await child.stop();
        throw new Error(await failure(`${name} did not answer within ${deadlineMs / 1000} s (${reason})`, logFile));
      }
      reason = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
      await Promise.race([gone, tooLate, sleep(POLL_MS)]);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function attempt<T>(probe: () => Promise<T>): Promise<{ answer: T } | { error: unknown }> {
  try {
    return { answer: await probe() };
  } catch (error) {
    return { error };
  }
}

/** Says in a few words how a process ended. */
export function describe(exit: Exit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
}

async function failure(what: string, logFile: string): Promise<string> {
  return `${what}; the end of its log, ${logFile}, says:\n${await lastLines(logFile)}`;
}

async function lastLines(logFile: string, count = 8): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return lines
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n');
}
