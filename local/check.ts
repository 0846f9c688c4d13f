/**
 * The gate: format, lint, types, unused code, a fresh OpenAPI document, and the tests. Stops at the first that fails and
 * says how to mend it; `npm test` and CI run nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const STEPS = [
  { name: 'format', command: ['oxfmt', '--check'], mend: 'Run "npm run format".' },
  { name: 'lint', command: ['oxlint', '--type-aware'], mend: 'Mend what it names; "npm run lint" runs it alone.' },
  { name: 'types', command: ['tsc', '--noEmit'], mend: 'Mend what it names; "npm run types" runs it alone.' },
  { name: 'unused code', command: ['knip'], mend: 'Delete what no one calls; "npm run unused" runs it alone.' },
  { name: 'openapi.json', command: ['node', 'api/openapi.ts', '--check'], mend: 'Run "npm run openapi".' },
  { name: 'tests', command: ['vitest', 'run'], mend: '"npm run tests -- FILE" runs one file alone.' },
] as const;

for (const { name, command, mend } of STEPS) {
  const started = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code !== 0) {
    console.error(`✗ ${name} failed after ${seconds} s. ${mend}`);
    process.exit(1);
  }
  console.log(`✓ ${name} (${seconds} s)`);
}
