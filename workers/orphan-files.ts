/**
 * Files that no message has a day after they were announced are removed, and what interrupted uploads left behind with them.
 *
 * Any number of processes may do this at once: each file is removed by one of them.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { removeOrphans } from '../db/attachments.ts';
import type { OpenedFiles } from '../integrations/files.ts';
import { createSweep, type Sweep } from './sweep.ts';

const SWEEP_MS = 10 * 60_000;
const ORPHAN_AFTER_MS = 24 * 60 * 60_000;

/** Looks every `everyMs` for files older than `afterMs`, both in milliseconds. */
export function createOrphanFiles(deps: {
  pool: Pool;
  logger: Logger;
  files: OpenedFiles;
  afterMs?: number;
  everyMs?: number;
}): Sweep {
  const { pool, logger, files: opened, afterMs = ORPHAN_AFTER_MS, everyMs = SWEEP_MS } = deps;
  const { files, local } = opened;
  async function work(stopped: AbortSignal): Promise<void> {
    let removed = 0;
    do {
      removed = await removeOrphans(pool, files, afterMs);
      if (removed > 0) logger.info({ removed }, 'files that belong to no message were removed');
    } while (removed > 0 && !stopped.aborted);
    await local?.tidy(afterMs);
  }
  return createSweep({
    pool,
    logger,
    channel: null,
    everyMs,
    name: 'looking for files that belong to no message',
    work,
  });
}
