/**
 * `npm run fuzz`: Schemathesis over the OpenAPI document on a running desk, as each role and as nobody. It fails on an
 * answer of 5xx, and on one that the document does not describe.
 *
 * It sets itself up: a virtual environment of Python with Schemathesis of one version, kept in the user's cache, and a desk
 * of its own with tickets to find. Does not promise the same requests each time unless `--seed` says which; `--cases N`
 * says how many there are for each operation and phase, and `--role NAME` that one role is enough.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ROLES } from '../domain/permissions.ts';
import { readPrivateText } from '../local/private-file.ts';
import { cacheFolder } from '../local/temporal.ts';
import { type Ask, loginSchema, madeSchema, settingsOfFuzzing } from './fuzz-names.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCHEMATHESIS = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
const READY_WITHIN_MS = 120_000;
const EVERYBODY = ['nobody', ...ROLES];

// oxlint-disable-next-line node/no-process-env -- the desk and the cache are where the user's environment says
const { env } = process;

const runSchema = z.object({ api: z.url(), apiKey: z.string(), logins: z.tuple([loginSchema], loginSchema) });
type Run = z.infer<typeof runSchema>;

try {
  process.exitCode = (await fuzzAll()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Whether nothing was found. */
async function fuzzAll(): Promise<boolean> {
  const options = readOptions();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-fuzz-'));
  const failed: string[] = [];
  try {
    const program = await schemathesis(folder);
    const desk = startDesk(folder);
    try {
      const run = await ready(folder, desk);
      for (const role of options.roles) {
        console.log(`\nAs ${role}:`);
        const args = await argumentsAs(role, run, folder);
        if ((await exitOf(program, [...args, ...options.args], folder)) !== 0) failed.push(role);
      }
    } finally {
      await stop(desk);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const good = failed.length === 0;
  console.log(good ? '\nEvery answer was described, and none was 5xx.' : `\nIt failed as ${failed.join(', ')}.`);
  return good;
}

function readOptions() {
  const { cases, seed, role } = readValues();
  if (role !== undefined && !EVERYBODY.includes(role)) {
    throw new Error(`There is no role "${role}"; --role takes one of ${EVERYBODY.join(', ')}.`);
  }
  if (!/^[1-9]\d*$/.test(cases)) throw new Error(`--cases takes a whole number from 1 on, and not "${cases}".`);
  if (seed !== undefined && !/^\d+$/.test(seed)) throw new Error(`--seed takes a whole number, and not "${seed}".`);
  return {
    roles: role === undefined ? EVERYBODY : [role],
    args: ['--max-examples', cases, ...(seed === undefined ? [] : ['--seed', seed])],
  };
}

function readValues() {
  const options = {
    cases: { type: 'string', default: '10' },
    seed: { type: 'string' },
    role: { type: 'string' },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}: npm run fuzz takes --role NAME, --cases N and --seed N.`, { cause: error });
  }
}

/** The path of Schemathesis; installs it where it is missing. */
async function schemathesis(folder: string): Promise<string> {
  const home = join(await cacheFolder(folder, env['XDG_CACHE_HOME']), `schemathesis-${SCHEMATHESIS}`);
  const path = join(home, 'bin', 'schemathesis');
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return path;
  console.log(`Schemathesis ${SCHEMATHESIS} is installed into ${home}.`);
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', '--clear', home],
    [join(home, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${SCHEMATHESIS}`],
  ] as const) {
    const why = await exitOf(command, args, folder).then(
      (code) => (code === 0 ? null : `ended with ${code}`),
      (error: Error) => `cannot be run (${error.message})`,
    );
    if (why === null) continue;
    throw new Error(
      `Schemathesis could not be installed, because "${[command, ...args].join(' ')}" ${why}: it takes Python 3.10 or newer ` +
        'with pip and venv (on Debian, apt install python3-venv), and a way to PyPI.',
    );
  }
  return path;
}

/** A desk of its own, whose limits are not what is tried here. */
function startDesk(folder: string): ChildProcess {
  return spawn('node', ['local/start.ts', '--data', folder, '--empty'], {
    cwd: ROOT,
    // It ends when the channel closes, so it does not outlive us.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...env, RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_ANONYMOUS_PER_MINUTE: '1000000' },
  });
}

async function ready(folder: string, desk: ChildProcess): Promise<Run> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const text = await readPrivateText(join(folder, 'run.json'));
    if (text !== undefined) return runSchema.parse(JSON.parse(text));
    if (Date.now() > until || hasEnded(desk)) throw new Error('The desk did not start; its output says why.');
    await wait(200);
  }
}

async function stop(desk: ChildProcess): Promise<void> {
  if (hasEnded(desk)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  desk.once('exit', () => resolve());
  desk.kill('SIGINT');
  await promise;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** What makes Schemathesis ask as the role; opens tickets that the role sees. */
async function argumentsAs(role: string, { api, apiKey, logins: [login] }: Run, folder: string): Promise<string[]> {
  const ask = askAs(api, apiKey);
  const email = `fuzz-${role}@example.com`;
  const key = role === 'nobody' ? null : await keyOf(ask, role, email);
  const config = join(folder, `${role}.toml`);
  await writeFile(config, await settingsOfFuzzing(ask, email, login));
  // One worker, because Python 3.11 fails now and then when two threads parse source at once, as Hypothesis does.
  const habits = ['--workers', '1', '--continue-on-failure', '--warnings', 'off', '--no-color'];
  return [
    '--config-file',
    config,
    'run',
    `${api}/api/v1/openapi.json`,
    '--checks',
    CHECKS.join(','),
    ...habits,
    ...(key === null ? [] : ['--header', `Authorization: Bearer ${key}`]),
  ];
}

/** A key of a new user of the role; of an integration it belongs to nobody. */
async function keyOf(ask: Ask, role: string, email: string): Promise<string> {
  const make = async (path: string, json: object) => madeSchema.parse(await ask('POST', path, json));
  if (role === 'integration') return (await make('/api/v1/api-keys', { name: 'Fuzz' })).apiKey;
  const customer = role === 'customer' ? { customerId: (await make('/api/v1/customers', { email })).id } : {};
  const user = await make('/api/v1/users', { email, name: 'Fuzz', role, ...customer });
  return (await make('/api/v1/api-keys', { name: `Fuzz ${role}`, userId: user.id })).apiKey;
}

function askAs(api: string, key: string): Ask {
  return async (method, path, json) => {
    const response = await fetch(api + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
}

function exitOf(command: string, args: readonly string[], cwd: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(command, [...args], { cwd, stdio: 'inherit' });
  child.once('error', reject).once('exit', (code) => resolve(code ?? 1));
  return promise;
}
