/**
 * The Temporal SDK's own download of the CLI, the one its test environment uses, reached through the SDK's native bridge.
 *
 * The bridge knows no download alone: it downloads, then starts the dev server, which is ended here at once. What stays is the
 * program. Does not promise anything without internet access: it then fails within some tens of milliseconds.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const A_DAY_MS = 86_400_000;

/** Downloads the CLI of that version into `folder` and resolves with the program's path; throws when it cannot be had. */
export async function downloadBySdk(folder: string, version: string): Promise<string> {
  // Imported only here: the bridge is a large native library, which a start that finds its program does not need.
  const { default: bridge } = await import('@temporalio/core-bridge');
  const runtime = bridge.native.newRuntime({
    logExporter: { type: 'forward', filter: 'OFF', receiver: () => undefined },
    telemetry: { attachServiceName: false, metricPrefix: 'temporal_' },
    metricsExporter: null,
    workerHeartbeatIntervalMillis: null,
  });
  try {
    const server = await bridge.native.newEphemeralServer(runtime, {
      type: 'dev-server',
      exe: {
        type: 'cached-download',
        downloadDir: folder,
        version: `v${version}`,
        ttl: A_DAY_MS,
        sdkName: 'sdk-typescript',
        sdkVersion: '1.24.0',
      },
      namespace: 'default',
      ip: '127.0.0.1',
      port: null,
      uiPort: null,
      dbFilename: null,
      ui: false,
      log: { format: 'json', level: 'error' },
      extraArgs: [],
    });
    await bridge.native.ephemeralServerShutdown(server);
  } finally {
    bridge.native.runtimeShutdown(runtime);
  }
  const program = (await readdir(folder)).find((name) => name.startsWith('temporal-cli'));
  if (program === undefined) throw new Error('the Temporal SDK downloaded nothing');
  return join(folder, program);
}
