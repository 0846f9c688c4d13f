/**
 * What makes a pid this process and no other: when it started and its command line. Pids are used again, so whoever wants to
 * end a process it once started compares both first.
 *
 * Does not promise an answer for processes of other users where the system hides them.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `startedAt` is the system's own notation (ticks since boot on Linux, a date on macOS): only good for comparing. */
export type Identity = { readonly startedAt: string; readonly command: string };

/** Resolves with who `pid` is now, or undefined when no such process lives; a zombie counts as ended. */
export async function identify(pid: number): Promise<Identity | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  try {
    return process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  } catch {
    return undefined; // neither /proc nor ps knows the pid
  }
}

/** Whether `pid` is still the process that `then` describes. */
export async function isStill(pid: number, then: Identity): Promise<boolean> {
  const now = await identify(pid);
  return now !== undefined && now.startedAt === then.startedAt && now.command === then.command;
}

async function fromProc(pid: number): Promise<Identity | undefined> {
  const [stat, command] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ]);
  // The program's name, in parentheses, may hold spaces; the fields behind it are state (the 3rd) … start time (the 22nd).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = fields[19];
  if (startedAt === undefined || fields[0] === 'Z') return undefined;
  return { startedAt, command: command.replaceAll('\0', ' ').trim() };
}

async function fromPs(pid: number): Promise<Identity | undefined> {
  const columns = ['-o', 'lstart=', '-o', 'command='];
  const { stdout } = await run('ps', ['-ww', ...columns, '-p', `${pid}`], {
    env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
  });
  const startedAt = stdout.slice(0, 24).trim(); // "Sat Nov 21 12:00:00 2026"
  return startedAt === '' ? undefined : { startedAt, command: stdout.slice(24).trim() };
}
