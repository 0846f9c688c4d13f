/**
 * Writes openapi.json from the routes. With `--check` it writes nothing and fails when the file is stale.
 *
 * @example node api/openapi.ts --check
 */
import { readFile, writeFile } from 'node:fs/promises';
import { openApiDocument } from './openapi-document.ts';
import { DESCRIPTIONS } from './routes/index.ts';

const FILE = new URL('../openapi.json', import.meta.url);

const text = `${JSON.stringify(openApiDocument(DESCRIPTIONS), null, 2)}\n`;
if (process.argv.includes('--check')) {
  const written = await readFile(FILE, 'utf8').catch(() => '');
  if (written !== text) {
    process.stderr.write('openapi.json does not match the routes any more; run "npm run openapi" and commit it.\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
}
