/**
 * Where an embedded PostgreSQL finds its programs, where it keeps its cluster, and as which user it runs.
 *
 * PostgreSQL refuses to run as root. A launcher that is root therefore runs it as the system user `postgres` (made when it is
 * absent), and that user must be able to walk to every file. What lies behind a closed folder, such as a clone under /root,
 * is kept under /var/lib/holdfast instead, and the data folder holds a link to it. Does not promise to understand ACLs: a
 * folder that only an ACL opens counts as closed, and the cluster then lies elsewhere without need.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, cp, mkdir, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installedPrograms } from './postgres-programs.ts';

const run = promisify(execFile);
const ELSEWHERE = '/var/lib/holdfast';

type User = { readonly uid: number; readonly gid: number };

export type Place = {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly programs: string;
  /** The cluster's own folder, which may not exist yet. */
  readonly cluster: string;
  /** Where a link to the cluster belongs, when it lies elsewhere. */
  readonly link: string | undefined;
  /** Whether that link is there already, and so the cluster must be, too. */
  readonly linked: boolean;
  /** Whom to run as, when not as oneself. */
  readonly user: User | undefined;
};

/** Finds the place of the cluster that callers know as `dataDir`; throws a whole sentence when there is none. */
export async function placeFor(dataDir: string): Promise<Place> {
  const programs = await installedPrograms();
  const here = await settled(dataDir);
  if (process.getuid?.() !== 0) return { programs, cluster: here, link: undefined, linked: false, user: undefined };
  const user = await postgresUser();
  return { programs: await reachablePrograms(programs, user), ...(await clusterPlace(here, user)), user };
}

/** Deletes the cluster known as `dataDir`, wherever it lies. PostgreSQL must not be running on it. */
export async function removeCluster(dataDir: string): Promise<void> {
  const here = await settled(dataDir);
  const doomed = [here, `${here}.new`];
  if ((await linkTarget(here)) === elsewhere(here)) doomed.push(elsewhere(here));
  for (const path of doomed) await rm(path, { recursive: true, force: true });
}

async function clusterPlace(here: string, user: User): Promise<Pick<Place, 'cluster' | 'link' | 'linked'>> {
  const target = await linkTarget(here);
  if (target !== undefined) return { cluster: target, link: here, linked: true };
  if (await canReach(dirname(here), user)) return { cluster: here, link: undefined, linked: false };
  if (await exists(here)) {
    const fix = `run "chmod o+x" on the closed folder above it, or move the data folder out of there`;
    throw new Error(`PostgreSQL runs as the user "postgres", who cannot reach ${here}: ${fix}.`);
  }
  // Without a link, whatever lies there belonged to a data folder that was deleted at this very path.
  await rm(elsewhere(here), { recursive: true, force: true });
  await mkdir(ELSEWHERE, { recursive: true, mode: 0o755 });
  return { cluster: elsewhere(here), link: here, linked: false };
}

async function reachablePrograms(programs: string, user: User): Promise<string> {
  if (await canReach(programs, user)) return programs;
  const server = await readFile(join(programs, 'bin', 'postgres'));
  const copy = join(ELSEWHERE, `programs-${shortHash(server)}`);
  if (await exists(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(ELSEWHERE, { recursive: true, mode: 0o755 });
  await cp(programs, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(copy))) throw error; // else another start was faster, and its copy is as good
  });
  return copy;
}

async function postgresUser(): Promise<User> {
  const found = await findPostgresUser();
  if (found !== undefined) return found;
  let reason: unknown;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (error) {
    reason = error;
  }
  const made = await findPostgresUser();
  if (made !== undefined) return made;
  const fix = 'make one, start the desk as a user who is not root, or set DATABASE_URL to a PostgreSQL of yours';
  throw new Error(`PostgreSQL cannot run as root and no user "postgres" could be made: ${fix}.`, { cause: reason });
}

async function findPostgresUser(): Promise<User | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined; // `id` fails when there is no such user
  }
}

/** Whether `user` may walk through `folder` and every folder above it. */
async function canReach(folder: string, user: User): Promise<boolean> {
  for (let path = await realpath(folder); ; path = dirname(path)) {
    const { uid, gid, mode } = await stat(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** The absolute path of `dataDir` with no link above it, so that one folder has one name; makes the folder above it. */
async function settled(dataDir: string): Promise<string> {
  const path = resolve(dataDir);
  await mkdir(dirname(path), { recursive: true });
  return join(await realpath(dirname(path)), basename(path));
}

function elsewhere(here: string): string {
  return join(ELSEWHERE, `cluster-${shortHash(here)}`);
}

function shortHash(what: string | Buffer): string {
  return createHash('sha256').update(what).digest('hex').slice(0, 12);
}

async function linkTarget(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined); // not a link, or nothing there
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
