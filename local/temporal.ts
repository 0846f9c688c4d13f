/**
 * A Temporal dev server of the desk's own, on 127.0.0.1, with its UI.
 *
 * With a `dbFile` it keeps everything in SQLite over restarts; without one, in memory. Registers no search attributes: the
 * workers do that. Does not promise to end with the launcher; `processes.ts` ends what a killed one left behind.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { type Child, launch, untilReady } from './child.ts';

export { cacheFolder, findTemporal } from './temporal-binary.ts';

export type TemporalOptions = {
  /** The program, as `findTemporal` answers. */
  readonly binary: string;
  readonly port: number;
  readonly uiPort: number;
  /** Where to keep everything; in memory when left out. */
  readonly dbFile?: string;
  readonly namespace: string;
  readonly logFile: string;
  /** Further dynamic configuration of the server, by key. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
  /** Told of the process as soon as it runs, before it answers. */
  readonly onSpawn?: ((child: Child) => void) | undefined;
};

const SETTINGS = {
  // Lets a test, or a lead looking ahead, fast-forward one workflow's time.
  'frontend.WorkflowTimeSkippingEnabled': 'true',
  // A queue's pace, such as Slack's one message a second, is shared out among its partitions: with four, each waits for four.
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
};

/** A server that answers; `address` is `host:port` for gRPC. */
export type Temporal = Child & { readonly address: string; readonly uiUrl: string };

/**
 * Starts the dev server and resolves once its gRPC front answers and knows `namespace`; throws a whole sentence with the end
 * of its log when it does not come up.
 *
 * @example const temporal = await startTemporal({ binary, port: 7233, uiPort: 8233, namespace: 'default', logFile: '/tmp/temporal.log' });
 */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { binary, port, uiPort, dbFile, namespace, logFile, onSpawn } = options;
  if (dbFile !== undefined) await mkdir(dirname(dbFile), { recursive: true, mode: 0o700 });
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  args.push('--namespace', namespace, '--log-level', 'warn', '--log-format', 'json');
  const dynamicConfig = { ...SETTINGS, ...options.dynamicConfig };
  for (const [key, value] of Object.entries(dynamicConfig)) args.push('--dynamic-config-value', `${key}=${value}`);
  if (dbFile !== undefined) args.push('--db-filename', dbFile);
  const server = await launch(binary, args, { logFile, onSpawn });
  const address = `127.0.0.1:${port}`;
  await untilReady('Temporal', server, logFile, async () => answers(address, namespace));
  return { ...server, address, uiUrl: `http://127.0.0.1:${uiPort}` };
}

async function answers(address: string, namespace: string): Promise<void> {
  // gRPC waits a whole second after a refused connection, so it is asked only once somebody listens.
  await listens(address);
  const connection = await Connection.connect({ address, connectTimeout: 1000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } finally {
    await connection.close();
  }
}

async function listens(address: string): Promise<void> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '127.0.0.1', port: Number(port) });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
