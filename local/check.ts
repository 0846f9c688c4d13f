/**
 * The gate: format, lint, types, unused code, a fresh OpenAPI document, and then the tests. Says how to mend what fails, and
 * runs the tests only once nothing else does; `npm test` and CI run nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

interface Step {
  name: string;
  command: readonly [string, ...string[]];
  mend: string;
}

/** They only read, so they run at once; what each says is shown when it is done. */
const READING: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check'], mend: 'Run "npm run format".' },
  { name: 'openapi.json', command: ['node', 'api/openapi.ts', '--check'], mend: 'Run "npm run openapi".' },
  { name: 'unused code', command: ['knip'], mend: 'Delete what no one calls; "npm run unused" runs it alone.' },
  { name: 'types', command: ['tsc', '--noEmit'], mend: 'Mend what it names; "npm run types" runs it alone.' },
  { name: 'lint', command: ['oxlint', '--type-aware'], mend: 'Mend what it names; "npm run lint" runs it alone.' },
];
const TESTS: Step = { name: 'tests', command: ['vitest', 'run'], mend: '"npm run tests -- FILE" runs one file alone.' };

const held = await Promise.all(READING.map((step) => passes(step, false)));
if (held.includes(false) || !(await passes(TESTS, true))) process.exit(1);

/** Runs the step; what it says is shown as it comes, or, where that is not `live`, in the end if it failed. */
async function passes({ name, command, mend }: Step, live: boolean): Promise<boolean> {
  const started = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const said = await Promise.all(streams.map((stream) => text(stream)));
  const [code] = await exited;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code === 0) console.log(`✓ ${name} (${seconds} s)`);
  else console.error(`${said.join('')}✗ ${name} failed after ${seconds} s. ${mend}`);
  return code === 0;
}
