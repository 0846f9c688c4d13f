/** A temporary folder of one test file, removed at its end. As root, PostgreSQL's own user must be able to walk through it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-local-'));
  await chmod(folder, 0o711);
  afterAll(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}
