/**
 * Walks the whole chain and says whether it holds, or which row is the first that does not. Reads only, in pages, beside a
 * desk that goes on working.
 *
 * Does not tell by whom or when a row was touched, nor, of a wrong link, whether the row or the link was altered.
 */
import type { Pool, PoolClient } from 'pg';
import { CONTENT, GENESIS, hashOf, type Named, SEALED_ROWS } from './audit-chain.ts';

const PAGE = 2_000;

export interface Verdict {
  /** How many links hold, from the first on. */
  holds: number;
  /** Rows that were written within the last minute and are not sealed yet. */
  waiting: number;
  /** The last link that holds, in hex. */
  hash: string;
  /** The first thing that is wrong, as a whole sentence; null when all holds. */
  wrong: string | null;
}

/** A link that somebody noted elsewhere: the chain has to lead through it still. */
export interface Noted {
  position: number;
  /** In hex. */
  hash: string;
}

type Link = Named & { position: string; hash: Buffer; content: (string | null)[] | null };

const LINKS = `
  select n.position::text, n.source, n.entry_id as "entryId", n.sequence, n.hash, ${CONTENT}
  from audit_chain n ${SEALED_ROWS}
  where n.position > $1 order by n.position limit $2
`;

/** Recomputes every link of the chain, then looks for rows that no link names. */
export async function verifyChain(db: Pool | PoolClient, noted: Noted | null = null): Promise<Verdict> {
  let last = { position: 0, hash: GENESIS };
  for (;;) {
    const { rows } = await db.query<Link>(LINKS, [last.position, PAGE]);
    for (const link of rows) {
      const wrong = faultOf(link, last) ?? (link.position === `${noted?.position}` ? differs(link, noted) : null);
      if (wrong !== null) return verdict(last, 0, wrong);
      last = { position: Number(link.position), hash: link.hash };
    }
    if (rows.length < PAGE) break;
  }
  if (noted !== null && noted.position > last.position) {
    const wrong = `The chain ends at position ${last.position}, and position ${noted.position} was noted: what came after it was cut off.`;
    return verdict(last, 0, wrong);
  }
  const { rows } = await db.query<{ waiting: number }>('select count(*)::integer as waiting from audit_unsealed');
  const wrong =
    (await lostBeforeSealing(db)) ??
    (await waitsForLong(db)) ??
    (await stranger(db, 'audit')) ??
    (await stranger(db, 'ticket'));
  return verdict(last, rows[0]?.waiting ?? 0, wrong);
}

function verdict(last: { position: number; hash: Buffer }, waiting: number, wrong: string | null): Verdict {
  return { holds: last.position, waiting, hash: last.hash.toString('hex'), wrong };
}

function faultOf(link: Link, last: { position: number; hash: Buffer }): string | null {
  const expected = last.position + 1;
  if (link.position !== `${expected}`) {
    return `Position ${expected} of the chain is missing: after ${last.position} comes ${link.position}.`;
  }
  if (link.content === null) return `${nameOf(link)} was deleted: position ${expected} of the chain seals it.`;
  if (hashOf(last.hash, link.source, link.content).equals(link.hash)) return null;
  return `${nameOf(link)}, position ${expected} of the chain, is not what was sealed: it, its link or their order was altered.`;
}

function differs(link: Link, noted: Noted | null): string | null {
  if (noted === null || link.hash.toString('hex') === noted.hash) return null;
  return `Position ${link.position} of the chain has another hash than the one that was noted: the chain was written anew.`;
}

function nameOf({ source, entryId, sequence }: Named): string {
  return source === 'audit' ? `The audit entry ${entryId}` : `The event ${sequence} of the ticket ${entryId}`;
}

/** Rows whose name still waits, and that are gone. */
async function lostBeforeSealing(db: Pool | PoolClient): Promise<string | null> {
  const { rows } = await db.query<Named>(`
    select n.source, n.entry_id as "entryId", n.sequence
    from audit_unsealed n ${SEALED_ROWS}
    where a.id is null and e.ticket_id is null order by n.id limit 1
  `);
  return rows[0] === undefined ? null : `${nameOf(rows[0])} was deleted before it was sealed.`;
}

/** A row waits for moments; one that waits longer has no sealer. */
async function waitsForLong(db: Pool | PoolClient): Promise<string | null> {
  const { rows } = await db.query<Named & { since: string }>(`
    select source, entry_id as "entryId", sequence, to_char(queued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
    from audit_unsealed where queued_at < now() - interval '1 minute' order by id limit 1
  `);
  const [row] = rows;
  if (row === undefined) return null;
  return `${nameOf(row)} waits to be sealed since ${row.since}: start the relay, which seals, and look again.`;
}

/** Of a page of the table's rows, in the order of their keys: which have no link and do not wait for one. */
const STRANGERS = {
  audit: `
    select n.id as "entryId", 0 as sequence,
           c.position is null and not exists (select from audit_unsealed u where u.entry_id = n.id) as strange
    from audit_entries n left join audit_chain c on c.entry_id = n.id and c.sequence = 0
    where $1::uuid is null or n.id > $1::uuid or $2::integer < 0
    order by n.id limit $3
  `,
  ticket: `
    select n.ticket_id as "entryId", n.sequence,
           c.position is null and not exists (
             select from audit_unsealed u where u.entry_id = n.ticket_id and u.sequence = n.sequence
           ) as strange
    from ticket_events n left join audit_chain c on c.entry_id = n.ticket_id and c.sequence = n.sequence
    where $1::uuid is null or (n.ticket_id, n.sequence) > ($1::uuid, $2::integer)
    order by n.ticket_id, n.sequence limit $3
  `,
} as const;

async function stranger(db: Pool | PoolClient, source: Named['source']): Promise<string | null> {
  let place: Omit<Named, 'source'> | undefined;
  for (;;) {
    const { rows }: { rows: (Omit<Named, 'source'> & { strange: boolean })[] } = await db.query(STRANGERS[source], [
      place?.entryId ?? null,
      place?.sequence ?? 0,
      PAGE,
    ]);
    const strange = rows.find((row) => row.strange);
    if (strange !== undefined) {
      return `${nameOf({ source, ...strange })} was put in behind the triggers' back: the chain does not know it.`;
    }
    place = rows.at(-1);
    if (rows.length < PAGE) return null;
  }
}
