/**
 * The inbox ledger: whatever arrives is a row here first. This file has all of its statements but the relay's claim.
 *
 * A stored row is committed when `store` answers. Rows that arrive together are written together, so a burst costs few
 * commits. Promises nothing about the hand-over; that is the relay's.
 */
import DataLoader from 'dataloader';
import type { Pool } from 'pg';
import { activeTraceParent } from './trace-parent.ts';

/** The channel on which the relay is told that rows wait. */
export const INBOX_CHANNEL = 'inbox';

export interface Arrival {
  source: 'front' | 'slack' | 'api' | 'pagerduty';
  /** The vendor's id of this event: with `source`, what makes a second delivery a duplicate. */
  externalId: string;
  /** The vendor's name for what happened, such as `inbound`. */
  kind: string;
  /** Rows with the same key are handed over in order. */
  conversationKey: string;
  state: 'received' | 'incomplete' | 'ignored';
  /** Why it is ignored, as a whole sentence; null otherwise. */
  reason: string | null;
  body: string;
  requestId: string;
  /** How long the relay leaves the row alone, because whoever stored it hands it over himself. */
  delaySeconds?: number;
}

export interface Ledger {
  /** Stores an arrival; `id` is null when the same one was stored before, and nothing has changed then. */
  store(arrival: Arrival): Promise<{ id: string | null }>;
  /** Marks a row as handed over to the ticket `ticketId`. */
  markApplied(id: string, ticketId: string): Promise<void>;
  /** Counts a refused delivery; of one with a wrong signature nothing else is kept. */
  countRefusal(source: Arrival['source'], reason: string): Promise<void>;
}

/** The ledger in the database behind `pool`. */
export function createLedger(pool: Pool): Ledger {
  // One write at a time: all that comes in while it is under way goes into the next one, with one commit.
  let writing: Promise<unknown> = Promise.resolve();
  const write = (arrivals: readonly TracedArrival[]) => {
    const rows = insert(pool, arrivals);
    writing = rows.catch(() => 'whoever waits for these rows is told');
    return rows;
  };
  const loader = new DataLoader(write, {
    cache: false,
    maxBatchSize: 500,
    batchScheduleFn: (flush) => void writing.then(() => setImmediate(flush)),
  });
  return {
    store: (arrival) => loader.load({ ...arrival, traceParent: activeTraceParent() }),
    async markApplied(id, ticketId) {
      await pool.query({
        name: 'ledger-applied',
        text: `update inbox set state = 'applied', ticket_id = $2, applied_at = now() where id = $1`,
        values: [id, ticketId],
      });
    },
    async countRefusal(source, reason) {
      await pool.query({
        name: 'ledger-refusal',
        text: `insert into webhook_refusals as r (source, reason, day, count) values ($1, $2, current_date, 1)
               on conflict (source, reason, day) do update set count = r.count + 1`,
        values: [source, reason],
      });
    },
  };
}

const INSERT = `
  with stored as (
    insert into inbox (source, external_id, kind, conversation_key, state, reason, body, request_id, due_at,
                       trace_parent)
    select a.source, a.external_id, a.kind, a.conversation_key, a.state, a.reason, a.body, a.request_id,
           now() + coalesce(a.delay, 0) * interval '1 second', a.trace_parent
    from rows from (
      json_to_recordset($1::json)
        as (source text, "externalId" text, kind text, "conversationKey" text, state text, reason text, body text,
            "requestId" text, "delaySeconds" integer, "traceParent" text)
    ) with ordinality
      as a (source, external_id, kind, conversation_key, state, reason, body, request_id, delay, trace_parent, n)
    order by a.n
    on conflict (source, external_id) do nothing
    returning id, source, external_id
  ), told as (
    select pg_notify('${INBOX_CHANNEL}', '') where exists (select from stored)
  )
  select id::text, source, external_id as "externalId" from stored left join told on true
`;

/** With the trace of the request that brought it. */
type TracedArrival = Arrival & { traceParent: string | null };

async function insert(pool: Pool, arrivals: readonly TracedArrival[]): Promise<{ id: string | null }[]> {
  const { rows } = await pool.query<{ id: string; source: string; externalId: string }>({
    name: 'ledger-insert',
    text: INSERT,
    values: [JSON.stringify(arrivals)],
  });
  const stored = new Map(rows.map((row) => [keyOf(row), row.id]));
  return arrivals.map((arrival) => {
    const key = keyOf(arrival);
    const id = stored.get(key) ?? null;
    // The first of two alike in one write is the stored one; the second is a duplicate.
    stored.delete(key);
    return { id };
  });
}

function keyOf(row: { source: string; externalId: string }): string {
  return JSON.stringify([row.source, row.externalId]);
}
