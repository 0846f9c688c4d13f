/** The arguments of `npm start`, read once; whatever is wrong with them is said in a whole sentence. */
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm start -- [options]

  --data DIR   keep everything (database, Temporal, files) under DIR instead of .holdfast
  --port N     serve the API on port N instead of 4600; another free one is taken when N is not free
  --empty      start without the sample desk
  --reset      delete the desk's data first, and start over
  --help       show this`;

export type Arguments = {
  /** As given; undefined means the default folder. */
  readonly data: string | undefined;
  readonly port: number;
  readonly empty: boolean;
  readonly reset: boolean;
  readonly help: boolean;
};

const DEFAULT_PORT = 4600;

/**
 * Reads the arguments; throws an Error whose message is a whole sentence followed by the usage.
 *
 * @example const { port } = readArguments(process.argv.slice(2));
 */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parse(args);
  if (values.data === '') throw wrong('--data needs the name of a folder.');
  return {
    data: values.data,
    port: readPort(values.port),
    empty: values.empty ?? false,
    reset: values.reset ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        empty: { type: 'boolean' },
        reset: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // The first sentence names the argument; what follows is advice about positional arguments, of which there are none.
    const said = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw wrong(said.endsWith('.') ? said : `${said}.`);
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw wrong(`--port needs a number between 1 and 65535, not "${text}".`);
}

function wrong(sentence: string): Error {
  return new Error(`${sentence}\n\n${USAGE}`);
}
