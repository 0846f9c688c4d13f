import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection, WorkflowNotFoundError, Client } from '@temporalio/client';
import { freePort } from '../support/ports.ts';
import { describe, expect, inject, it } from 'vitest';
import { cacheFolder, findTemporal, startTemporal } from '../../local/temporal.ts';
import { temporaryFolder } from './folder.ts';

const folder = await temporaryFolder();
const binary = inject('temporalBinary');

/** Puts a program named `temporal` into a folder of its own that answers like this version. */
async function programOfVersion(version: string): Promise<{ path: string; program: string }> {
  const path = join(folder, `bin-${version}`);
  const program = join(path, 'temporal');
  await mkdir(path, { recursive: true });
  await writeFile(program, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`);
  await chmod(program, 0o755);
  return { path, program };
}

describe('the search for Temporal', { timeout: 60_000 }, () => {
  it('passes over a program on PATH that is too old, and takes a newer one behind it', async () => {
    const [older, newer] = [await programOfVersion('1.9.0'), await programOfVersion('1.10.2')];
    const found = await findTemporal({ path: `${older.path}:${newer.path}`, cacheDir: join(folder, 'unused') });
    expect(found).toBe(newer.program);
  });

  it('takes the cached program when PATH has none', async () => {
    const cacheDir = join(folder, 'cache');
    await mkdir(cacheDir);
    const { program } = await programOfVersion('1.9.1');
    await writeFile(join(cacheDir, 'temporal-1.9.1'), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
    expect(await findTemporal({ path: '', cacheDir })).toBe(join(cacheDir, 'temporal-1.9.1'));
  });

  it('keeps its downloads in the data folder when the home cannot be written', async () => {
    await writeFile(join(folder, 'a-file'), '');
    expect(await cacheFolder(folder, join(folder, 'a-file'))).toBe(join(folder, 'cache'));
    expect(await cacheFolder(folder, join(folder, 'home'))).toBe(join(folder, 'home', 'holdfast'));
  });
});

describe('the Temporal dev server', { timeout: 60_000 }, () => {
  it('keeps its workflows in its file over a restart', async () => {
    const dbFile = join(folder, 'data', 'temporal.db');
    const options = { binary, namespace: 'desk', dbFile, logFile: join(folder, 'temporal.log') };
    const first = await startTemporal({ ...options, port: await freePort(), uiPort: await freePort() });
    await withClient(first.address, async (client) => {
      await client.workflow.start('nobody', { workflowId: 'kept', taskQueue: 'none' });
    });
    await first.stop();
    const second = await startTemporal({ ...options, port: await freePort(), uiPort: await freePort() });
    await withClient(second.address, async (client) => {
      expect((await client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
      await expect(client.workflow.getHandle('other').describe()).rejects.toThrow(WorkflowNotFoundError);
    });
    expect((await fetch(second.uiUrl)).status).toBe(200);
    await second.stop();
  });

  it('says at once, with the end of its log, why it cannot start', async () => {
    const broken = await programOfVersion('1.9.2');
    await writeFile(broken.program, '#!/bin/sh\necho "no space left on device"; exit 3\n');
    const options = { namespace: 'desk', logFile: join(folder, 'broken.log') };
    const started = startTemporal({
      ...options,
      binary: broken.program,
      port: await freePort(),
      uiPort: await freePort(),
    });
    await expect(started).rejects.toThrow(/Temporal ended at once \(exit code 3\).*no space left on device/s);
    expect(await readdir(folder)).toContain('broken.log');
  });
});

async function withClient(address: string, work: (client: Client) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address });
  await work(new Client({ connection, namespace: 'desk' }));
  await connection.close();
}
