/**
 * The sealer: what was written to the audit log and to tickets' timelines gets its link in the chain, moments later.
 *
 * Any number of sealers may run: one at a time works, and the others find nothing to do. Who writes never waits for it.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { seal } from '../db/audit-chain.ts';
import { createSweep, type Sweep } from './sweep.ts';

const SWEEP_MS = 1_000;
/** How many rows one transaction seals. */
const BATCH = 1_000;

/** Seals what waits in the database behind `pool`. */
export function createAuditSealer({ pool, logger }: { pool: Pool; logger: Logger }): Sweep {
  async function work(stopped: AbortSignal): Promise<void> {
    let sealed: number;
    do sealed = await seal(pool, BATCH);
    while (sealed === BATCH && !stopped.aborted);
  }
  return createSweep({ pool, logger, channel: null, everyMs: SWEEP_MS, name: 'the audit sealer', work });
}
