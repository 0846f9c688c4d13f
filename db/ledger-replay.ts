/**
 * The inbox ledger, for whoever has its rows handed over again: which rows there are, and putting them back in line.
 *
 * A row that the relay has in hand is waited for. Does not promise that a row is handed over soon: it takes its place in its
 * conversation, and holds up what came later until it is settled.
 */
import type { Pool } from 'pg';
import type { INBOX_STATES } from './entities/inbox-row.ts';
import { type Arrival, INBOX_CHANNEL } from './ledger.ts';

type State = (typeof INBOX_STATES)[number];

export interface LedgerRow {
  id: string;
  source: Arrival['source'];
  state: State;
  /** Of a source whose bodies decide nothing, only whether there is one. */
  body: string;
}

export interface LedgerRange {
  state: State;
  source: Arrival['source'] | undefined;
  /** Received then or later, and before; in milliseconds since 1970. */
  from: number | undefined;
  to: number | undefined;
}

const COLUMNS = `id::text, source, state, case source when 'front' then body else left(body, 1) end as body`;

/** The row, or undefined. */
export async function findLedgerRow(pool: Pool, id: string): Promise<LedgerRow | undefined> {
  const { rows } = await pool.query<LedgerRow>(`select ${COLUMNS} from inbox where id = $1`, [id]);
  return rows[0];
}

/**
 * The next rows in the range behind the row `after`, oldest first, of at most `limit` that were looked at; `last` is the
 * id of the last one looked at, null where there was none.
 */
export async function listLedgerRows(
  pool: Pool,
  { state, source, from, to }: LedgerRange,
  after: string,
  limit: number,
): Promise<{ rows: LedgerRow[]; last: string | null }> {
  const { rows } = await pool.query<LedgerRow & { fits: boolean }>({
    name: 'ledger-range',
    text: `select ${COLUMNS}, ($4::text is null or source = $4)
             and ($5::float8 is null or received_at >= to_timestamp($5 / 1000))
             and ($6::float8 is null or received_at < to_timestamp($6 / 1000)) as fits
           from inbox i where state = $1 and i.id > $2::bigint order by i.id limit $3`,
    values: [state, after, limit, source ?? null, from ?? null, to ?? null],
  });
  return { rows: rows.filter(({ fits }) => fits), last: rows.at(-1)?.id ?? null };
}

/** Rows are numbered as they come in, but two that come at once may be numbered the other way round. */
const LEEWAY_MS = 60_000;

/**
 * The id up to which every row was received before `at` (milliseconds since 1970), and a minute before it at that; found
 * in some thirty steps.
 */
export async function idBefore(pool: Pool, at: number): Promise<string> {
  const { rows: ends } = await pool.query<{ last: string }>('select coalesce(max(id), 0)::text as last from inbox');
  let [low, high] = [0n, BigInt(ends[0]?.last ?? 0)];
  while (low < high) {
    const middle = (low + high) / 2n;
    const { rows } = await pool.query<{ id: string; isEarlier: boolean }>({
      name: 'ledger-step',
      text: `select id::text, received_at < to_timestamp($2::float8 / 1000) as "isEarlier"
             from inbox i where i.id > $1::bigint order by i.id limit 1`,
      values: [String(middle), at - LEEWAY_MS],
    });
    const [row] = rows;
    if (row === undefined || !row.isEarlier) high = middle;
    else low = BigInt(row.id);
  }
  return String(low);
}

/** Puts the rows back in line, each as `to` says, unless its state has changed since it was read; answers how many. */
export async function putBack(
  pool: Pool,
  rows: readonly { id: string; from: State; to: 'received' | 'incomplete' }[],
): Promise<number> {
  const { rows: answer } = await pool.query<{ count: number }>({
    name: 'ledger-put-back',
    text: `with put as (
             update inbox i set state = r.to, reason = null, attempts = 0, due_at = now(), applied_at = null
             from json_to_recordset($1::json) as r (id bigint, "from" text, "to" text)
             where i.id = r.id and i.state = r."from"
             returning 1
           ), told as (
             select pg_notify('${INBOX_CHANNEL}', '') where exists (select from put)
           )
           select count(*)::integer as count from put left join told on true`,
    values: [JSON.stringify(rows)],
  });
  return answer[0]?.count ?? 0;
}
