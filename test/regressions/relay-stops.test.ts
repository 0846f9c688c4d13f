import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { startNode } from '../../local/node-child.ts';
import { createDatabase } from '../support/database.ts';

// The Temporal SDK's runtime, which a relay has no use for, kept its process alive until it was killed.
test.each(['relay', 'ai'])('a process of the %s that is told to stop ends by itself', async (name) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-stops-'));
  const child = await startNode({
    name,
    args: ['workers/main.ts', name],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {
      DATABASE_URL: await createDatabase(),
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: 'test-stops',
      APP_SECRET: 'an-app-secret-for-tests',
    },
    logFile: join(folder, 'log'),
  });
  await child.stop();
  await expect(child.exited).resolves.toEqual({ code: 0, signal: null });
  await rm(folder, { recursive: true, force: true });
});
