/**
 * Automatic away: whoever is online and has not called the API for a while is not there, and gets no more tickets. What
 * they have is handed back by the dispatcher, where their settings say so.
 *
 * Does not bring anybody back: that is for the agent to say. Bots stay online, for they call only when they are called.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { sendAwayIdle } from '../db/agents.ts';
import { createSweep, type Sweep } from './sweep.ts';

const SWEEP_MS = 30_000;
const AWAY_AFTER_MS = 15 * 60_000;

/** Looks after the agents in the database behind `pool`; `afterMs` without a call makes one away, looked for every `everyMs`. */
export function createAway(deps: { pool: Pool; logger: Logger; afterMs?: number; everyMs?: number }): Sweep {
  const { pool, logger, afterMs = AWAY_AFTER_MS, everyMs = SWEEP_MS } = deps;
  async function work(): Promise<void> {
    for (const agentId of await sendAwayIdle(pool, afterMs)) {
      logger.info({ agentId }, 'an agent was not seen for long and is away');
    }
  }
  return createSweep({ pool, logger, channel: null, everyMs, name: 'looking for agents who are not there', work });
}
