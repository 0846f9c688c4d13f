/**
 * A Node program of the desk as a child process: it says `{ready: true, …}` over IPC once it can be used, ends on SIGTERM, and
 * ends by itself when the channel closes, because then its launcher is gone.
 *
 * Does not promise that a child keeps its side; one that says nothing for a minute is ended and reported.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Child, launch, untilReady } from './child.ts';

export type NodeChildOptions = {
  readonly name: string;
  /** The program, such as `api/server.ts`, and its arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** The child's whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Told of the process as soon as it runs. */
  readonly onSpawn?: ((child: Child) => void) | undefined;
};

const readySchema = z.looseObject({ ready: z.literal(true) });
const PATIENCE_MS = 60_000;
/** What was compiled once is not compiled again; a start takes a third less time. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

/** Starts the program with this Node; resolves once it is ready, with what it said; throws a whole sentence when it is not. */
export async function startNode(
  options: NodeChildOptions,
): Promise<Child & { readonly said: Record<string, unknown> }> {
  const { name, args, cwd, env, logFile, onSpawn } = options;
  const { promise: ready, resolve } = Promise.withResolvers<Record<string, unknown>>();
  const onMessage = (message: unknown) => {
    const parsed = readySchema.safeParse(message);
    if (parsed.success) resolve(parsed.data);
  };
  const child = await launch(process.execPath, args, {
    cwd,
    env: { NODE_COMPILE_CACHE: COMPILED, ...env },
    logFile,
    onSpawn,
    onMessage,
  });
  const said = await untilReady(name, child, logFile, async () => ready, PATIENCE_MS);
  return { ...child, said };
}
