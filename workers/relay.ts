/**
 * The relay: rows of the inbox ledger to the workflows of their tickets, in order within a conversation.
 *
 * Woken by NOTIFY and sweeping every few seconds. Any number of relays may run: a claimed row is locked, and a row waits
 * while an earlier one of its conversation does. A relay that dies in between leaves its rows as they were; they are
 * handed over again, and the workflow ignores what it has seen. With Temporal down nothing is lost: the rows wait.
 */
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { INBOX_CHANNEL } from '../db/ledger.ts';
import { spanOfTraceParent } from '../db/trace-parent.ts';
import { DeskError, ERRORS } from '../domain/errors.ts';
import { counts } from '../integrations/counts.ts';
import { VendorError } from '../integrations/vendor-error.ts';
import { handOverSpan } from './hand-over-span.ts';
import { createSweep, type Sweep } from './sweep.ts';

/** How many rows one claim takes; they are handed over side by side. */
const CLAIM = 50;
const SWEEP_MS = 2_000;
const UNKNOWN_FAULT_TRIES = 5;
/** How long a row waits before its next try, by how often it was tried. */
const backoffSeconds = (attempts: number) => Math.min(60, 2 ** attempts);

export interface ClaimedRow {
  id: string;
  source: 'front' | 'slack' | 'api' | 'pagerduty';
  externalId: string;
  kind: string;
  state: 'received' | 'incomplete';
  body: string;
  attempts: number;
  requestId: string;
  /** The span of the request that stored the row; null where nobody traced it. */
  traceParent: string | null;
  /** Milliseconds since 1970. */
  receivedAt: number;
}

/** What became of a row: handed over, or completed and waiting again, or set aside with its reason. */
export type Settled =
  | { state: 'applied'; ticketId: string }
  | { state: 'received'; body: string }
  | { state: 'ignored' | 'failed'; reason: string };

export type HandOver = (row: ClaimedRow) => Promise<Settled>;

/** A relay over the ledger behind `pool`; `handOver` takes one row to where it belongs. */
export function createRelay(deps: RelayDeps): Sweep {
  const { pool, logger } = deps;
  async function work(stopped: AbortSignal): Promise<void> {
    let moved: number;
    do moved = await claimAndSettle(deps);
    while (moved > 0 && !stopped.aborted);
  }
  return createSweep({ pool, logger, channel: INBOX_CHANNEL, everyMs: SWEEP_MS, name: 'the relay', work });
}

interface RelayDeps {
  pool: Pool;
  logger: Logger;
  handOver: HandOver;
}

const CLAIM_ROWS = `
  select i.id::text, i.source, i.external_id as "externalId", i.kind, i.state, i.body, i.attempts,
         i.request_id as "requestId", i.trace_parent as "traceParent",
         extract(epoch from i.received_at)::double precision * 1000 as "receivedAt"
  from inbox i
  where i.state in ('received', 'incomplete') and i.due_at <= now()
    and not exists (
      select from inbox earlier
      where earlier.state in ('received', 'incomplete') and earlier.conversation_key = i.conversation_key
        and earlier.id < i.id
    )
  order by i.id limit ${CLAIM} for update of i skip locked
`;

async function claimAndSettle({ pool, logger, handOver }: RelayDeps): Promise<number> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const { rows } = await client.query<ClaimedRow>({ name: 'relay-claim', text: CLAIM_ROWS });
    const results = await Promise.allSettled(rows.map((row) => handOverSpan(row, handOver)));
    let moved = 0;
    for (const [index, row] of rows.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      if (result.status === 'fulfilled') moved += 1;
      await settle(client, row, result, logger);
    }
    await client.query('commit');
    broken = false;
    return moved;
  } finally {
    // A connection that failed in the middle of a transaction is not given back: closing it rolls back.
    client.release(broken);
  }
}

async function settle(
  client: PoolClient,
  row: ClaimedRow,
  result: PromiseSettledResult<Settled>,
  logger: Logger,
): Promise<void> {
  const { id: inboxId, requestId, source, kind } = row;
  const traceId = spanOfTraceParent(row.traceParent)?.traceId;
  const log = logger.child({ inboxId, requestId, source, kind, ...(traceId !== undefined && { traceId }) });
  if (result.status === 'rejected') return setBack(client, row, result.reason, log);
  const settled = result.value;
  counts().relayedRows.add(1, { source, outcome: settled.state });
  log.info({ state: settled.state, ...('ticketId' in settled && { ticketId: settled.ticketId }) }, 'handed over');
  await client.query({
    name: 'relay-settle',
    text: `update inbox set state = $2, ticket_id = coalesce($3, ticket_id), reason = $4, body = coalesce($5, body),
                  applied_at = case when $2 = 'applied' then now() end
           where id = $1`,
    values: [
      row.id,
      settled.state,
      'ticketId' in settled ? settled.ticketId : null,
      'reason' in settled ? settled.reason : null,
      'body' in settled ? settled.body : null,
    ],
  });
}

/** A row that could not be handed over: left as it is, tried later, or set aside, by what stood in the way. */
async function setBack(client: PoolClient, row: ClaimedRow, error: unknown, log: Logger): Promise<void> {
  const reason = error instanceof Error ? error.message : 'The hand-over failed for a reason that was not told.';
  const verdict = verdictOn(error, row.attempts + 1);
  log.warn({ err: error, verdict }, 'not handed over');
  counts().relayedRows.add(1, { source: row.source, outcome: verdict });
  if (verdict === 'wait') {
    await client.query('update inbox set reason = $2 where id = $1', [row.id, reason]);
  } else if (verdict === 'later') {
    await client.query(
      `update inbox set attempts = attempts + 1, reason = $2, due_at = now() + $3 * interval '1 second' where id = $1`,
      [row.id, reason, backoffSeconds(row.attempts)],
    );
  } else {
    await client.query(`update inbox set state = 'failed', attempts = attempts + 1, reason = $2 where id = $1`, [
      row.id,
      reason,
    ]);
  }
}

/**
 * Temporal being away holds up every row alike, so none is punished for it. A vendor that may recover is asked again for
 * as long as it takes. What is wrong with the row itself sets it aside, so that it holds up nothing; a fault of unknown
 * kind gets a few tries first.
 */
function verdictOn(error: unknown, attempts: number): 'wait' | 'later' | 'aside' {
  if (error instanceof DeskError) return ERRORS[error.code].retryable ? 'wait' : 'aside';
  if (error instanceof VendorError) return error.retryable ? 'later' : 'aside';
  return attempts < UNKNOWN_FAULT_TRIES ? 'later' : 'aside';
}
