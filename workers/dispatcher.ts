/**
 * Wakes the dispatch when there is something for it to do: a waiting ticket that somebody could take, or an agent who left
 * and hands back what they have. It looks before it wakes, so a desk on which nothing fits is as quiet as an idle one.
 *
 * Any number of dispatchers may run: the dispatch is one workflow, and wakes coalesce in it. With Temporal down, what waits
 * waits. An agent's working hours begin without anybody telling; the sweep finds that within seconds.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { DISPATCH_CHANNEL, leftWithTickets } from '../db/agents.ts';
import { anyFits } from '../db/hand-out.ts';
import type { SettingsReader } from '../db/settings.ts';
import { agentLeft, DISPATCH_WORKFLOW, dispatchStart, wake } from '../workflows/dispatch-messages.ts';
import { createSweep, type Sweep } from './sweep.ts';

const SWEEP_MS = 5_000;
/** What is told within this time is looked at together. */
const GATHER_MS = 250;
/** How long the dispatch has for the tickets of one agent before it is told of them again. */
const TELL_AGAIN_MS = 30_000;
/** How long a wake waits for Temporal. */
const TIMEOUT_MS = 5_000;

export interface DispatcherDeps {
  pool: Pool;
  settings: SettingsReader;
  logger: Logger;
  client: Client;
  /** With which the desk's queues begin. */
  prefix: string;
}

/** A dispatcher for the tickets and agents in the database behind `pool`. */
export function createDispatcher(deps: DispatcherDeps): Sweep {
  const { pool, settings, logger, client } = deps;
  const toldAt = new Map<string, number>();
  const start = dispatchStart(deps.prefix);

  async function work(stopped: AbortSignal): Promise<void> {
    await tellOfThoseWhoLeft();
    if (await anyFits(pool, settings, Date.now())) {
      await reach(() => client.workflow.signalWithStart(DISPATCH_WORKFLOW, { ...start, signal: wake }));
    }
    // Stopping ends it early.
    await wait(GATHER_MS, undefined, { signal: stopped }).catch((error: unknown) => {
      if (!stopped.aborted) throw error;
    });
  }

  async function tellOfThoseWhoLeft(): Promise<void> {
    const left = await leftWithTickets(pool);
    for (const agentId of toldAt.keys()) if (!left.includes(agentId)) toldAt.delete(agentId);
    for (const agentId of left) {
      if ((toldAt.get(agentId) ?? 0) > Date.now() - TELL_AGAIN_MS) continue;
      const options = { ...start, signal: agentLeft, signalArgs: [{ agentId }] satisfies [{ agentId: string }] };
      await reach(() => client.workflow.signalWithStart(DISPATCH_WORKFLOW, options));
      toldAt.set(agentId, Date.now());
      logger.info({ agentId }, 'an agent left and hands tickets back');
    }
  }

  function reach<T>(call: () => Promise<T>): Promise<T> {
    return client.withDeadline(Date.now() + TIMEOUT_MS, call);
  }

  return createSweep({ pool, logger, channel: DISPATCH_CHANNEL, everyMs: SWEEP_MS, name: 'the dispatcher', work });
}
