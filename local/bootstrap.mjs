/**
 * Runs a program of this project: `node local/bootstrap.mjs local/start.ts …args`, on any Node from 20 on.
 *
 * Plain JavaScript without dependencies, because it runs before there are any: it installs them when they are missing or stale,
 * then runs the program on the Node 24 that they bring. It hands signals on once and ends as the program ends; when it is
 * killed itself, the program sees its IPC channel close. Does not promise to install twice at once safely.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// oxlint-disable-next-line node/no-process-env -- it runs before there is a config.ts to ask, and hands its environment on
const env = process.env;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const lockFile = join(root, 'package-lock.json');
const installedFile = join(root, 'node_modules', '.package-lock.json');

/** Why `npm ci` is needed, or undefined. */
function whyInstall() {
  if (!existsSync(installedFile)) return 'its packages are not installed yet';
  if (statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs) return undefined;
  // A checkout or a copy touches the lock file without changing it, so an old date alone is no reason.
  return sameVersions() ? undefined : 'package-lock.json is newer than the installed packages';
}

function sameVersions() {
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(lockFile, 'utf8')).packages).filter(([path]) => path !== '');
  const same = wanted.every(([path, { version, optional }]) => {
    return installed[path] === undefined ? optional === true : installed[path].version === version;
  });
  return same && Object.keys(installed).every((path) => wanted.some(([other]) => other === path));
}

function install(why) {
  console.log(`Holdfast installs its packages with "npm ci", because ${why}; this takes a minute …`);
  const begun = Date.now();
  let { status, stderr } = npm('ci');
  if (status !== 0 && /Missing: \S+@ from lock file/.test(stderr)) {
    // A registry that lacks a package for some other platform makes npm distrust the whole lock file. "npm install" takes the
    // same locked versions, checks their hashes, and passes over what this platform does not need.
    console.log(
      'The registry lacks packages that the lock file allows for, so "npm install --no-save" does it instead …',
    );
    ({ status, stderr } = npm('install', '--no-save'));
  }
  if (status !== 0) {
    console.error(stderr);
    fail('The packages could not be installed; npm says why above. Once that is mended, run the same command again.');
  }
  console.log(`The packages are installed (${((Date.now() - begun) / 1000).toFixed(1)} s).`);
}

function npm(...args) {
  const script = env.npm_execpath;
  const isNpm = script !== undefined && basename(script).startsWith('npm');
  const [command, ...before] = isNpm ? [process.execPath, script] : ['npm'];
  const options = [
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--include=dev',
    '--include=optional',
    '--loglevel=error',
  ];
  const ran = spawnSync(command, [...before, ...args, ...options], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  return {
    status: ran.status,
    stderr: ran.error === undefined ? ran.stderr : `npm cannot be run: ${ran.error.message}.`,
  };
}

/** The Node that runs TypeScript unbuilt: the project's own, or this one when it is new enough. */
function findNode() {
  const own = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(own) && spawnSync(own, ['--version']).status === 0) return own;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 7)) return process.execPath;
  const fix = 'install Node 24 from https://nodejs.org and run the same command with it';
  return fail(
    `Holdfast needs Node 24.7 or newer, this is ${process.versions.node}, and npm brings none for ${process.platform}-${process.arch}: ${fix}.`,
  );
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) fail('Name the program to run, as in "node local/bootstrap.mjs local/start.ts".');
const why = whyInstall();
if (why !== undefined) install(why);

const path = [join(root, 'node_modules', '.bin'), env.PATH].filter(Boolean).join(delimiter);
const child = spawn(findNode(), [resolve(root, program), ...args], {
  env: { ...env, PATH: path },
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  // A process group of its own: a terminal sends Ctrl-C to this group only, and the child gets it from here, once.
  detached: true,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
  });
}
child.on('error', (error) => fail(`${program} cannot be run: ${error.message}.`));
child.on('exit', (code, signal) => {
  const numbers = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };
  process.exit(code ?? numbers[signal] ?? 1);
});
