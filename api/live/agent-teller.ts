/** Tells of agents who came or left: those who were named meanwhile are read together. */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type AgentState, agentsChangedWithin, agentStates } from '../../db/agent-states.ts';

/** Added to how long nobody was told, for what was under way then. */
const MARGIN_SECONDS = 5;

export interface AgentTeller {
  /** The agent `id` has changed. */
  changed(id: string): void;
  /** Agents may have changed since `ms` milliseconds ago, and nobody was told. */
  missed(ms: number): void;
}

/** Hands what the agents are now to `tell`. */
export function createAgentTeller(
  pool: Pool,
  logger: Logger,
  tell: (agents: readonly AgentState[]) => void,
): AgentTeller {
  const named = new Set<string>();
  let reading = false;

  async function readNamed(): Promise<void> {
    reading = true;
    try {
      while (named.size > 0) {
        const ids = [...named];
        named.clear();
        tell(await agentStates(pool, ids));
      }
    } finally {
      reading = false;
    }
  }

  function noted(work: Promise<void>): void {
    work.catch((error: unknown) => logger.warn({ err: error }, 'Who came or left could not be read, and is not told.'));
  }

  return {
    changed(id) {
      named.add(id);
      if (!reading) noted(readNamed());
    },
    missed: (ms) => noted(agentsChangedWithin(pool, ms / 1000 + MARGIN_SECONDS).then(tell)),
  };
}
