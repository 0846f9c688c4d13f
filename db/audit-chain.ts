/**
 * The chain over audit entries and tickets' events: each link's hash covers the link before it, so nothing that was sealed
 * can be altered, taken out or put in between without every later hash being wrong.
 *
 * Writers know nothing of it: a trigger names each new row in `audit_unsealed`, in the row's own transaction, and one sealer
 * at a time takes what it meets there. A row that is committed late is sealed late, and never missed.
 *
 * Does not stop somebody who may write everything from rewriting the whole chain: only a hash that was noted elsewhere tells
 * of that (see {@link verifyChain}'s `noted`).
 */
import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from './transaction.ts';

/** Names the lock that lets one sealer work at a time. */
const SEALING_LOCK = 4_600_004;

/** What comes before the first link. */
export const GENESIS: Buffer = Buffer.alloc(32);

/** Something that is sealed: `sequence` is a ticket event's number in its ticket (`entryId`), and 0 for an audit entry. */
export interface Named {
  source: 'audit' | 'ticket';
  entryId: string;
  sequence: number;
}

/** A row's columns as text, in their fixed order; null where there is no such row. */
type Content = (string | null)[] | null;

/**
 * Joins the rows that `n` (source, entry_id, sequence) names, and answers what of them is sealed. The order is part of what
 * was sealed and never changes; neither do the forms: instants in microseconds since 1970, JSON as PostgreSQL writes it.
 */
export const SEALED_ROWS = `
  left join audit_entries a on n.source = 'audit' and a.id = n.entry_id
  left join ticket_events e on n.source = 'ticket' and e.ticket_id = n.entry_id and e.sequence = n.sequence
`;
export const CONTENT = `
  case
    when a.id is not null then array[
      a.id::text, ${micros('a.at')}, a.actor_kind, a.actor_id::text, a.request_id, a.action, a.target, a.target_id,
      a.changes::text, a.details::text
    ]
    when e.ticket_id is not null then array[
      e.ticket_id::text, e.sequence::text, e.type, ${micros('e.at')}, e.actor_kind, e.actor_id, e.caused_by, e.data::text
    ]
  end as content
`;

function micros(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::bigint::text`;
}

/** The link's hash: SHA-256 of the link before it and the row's canonical bytes, which are the JSON of its columns. */
export function hashOf(previous: Buffer, source: Named['source'], content: NonNullable<Content>): Buffer {
  return createHash('sha256')
    .update(previous)
    .update(JSON.stringify([source, ...content]))
    .digest();
}

const WAITING = `
  select n.id::text, n.source, n.entry_id as "entryId", n.sequence, ${CONTENT}
  from audit_unsealed n ${SEALED_ROWS}
  where a.id is not null or e.ticket_id is not null
  order by n.id limit $1
`;
const HEAD = 'select position::text as last, hash from audit_chain order by position desc limit 1';
const APPEND = `
  with sealed as (
    insert into audit_chain (position, source, entry_id, sequence, hash)
    select * from unnest($2::bigint[], $3::text[], $4::uuid[], $5::integer[], $6::bytea[])
  )
  delete from audit_unsealed where id = any($1::bigint[])
`;

/** Seals at most `limit` of the rows that wait and answers how many; none while another sealer is at work. */
export function seal(pool: Pool, limit: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_xact_lock($1) as free', [
      SEALING_LOCK,
    ]);
    return rows[0]?.free === true ? append(client, limit) : 0;
  });
}

async function append(client: PoolClient, limit: number): Promise<number> {
  const waiting = await client.query<Named & { id: string; content: NonNullable<Content> }>(WAITING, [limit]);
  if (waiting.rows.length === 0) return 0;
  const head = await client.query<{ last: string; hash: Buffer }>(HEAD);
  let position = BigInt(head.rows[0]?.last ?? 0);
  let previous = head.rows[0]?.hash ?? GENESIS;
  const links = waiting.rows.map(({ source, content }) => {
    position += 1n;
    previous = hashOf(previous, source, content);
    return { position: position.toString(), hash: previous };
  });
  await client.query(APPEND, [
    waiting.rows.map(({ id }) => id),
    links.map((link) => link.position),
    waiting.rows.map(({ source }) => source),
    waiting.rows.map(({ entryId }) => entryId),
    waiting.rows.map(({ sequence }) => sequence),
    links.map((link) => link.hash),
  ]);
  return links.length;
}
