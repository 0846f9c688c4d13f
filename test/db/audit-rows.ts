/** Rows that are audited and chained, put into the database by SQL. */
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { seal } from '../../db/audit-chain.ts';

/** Seals all that waits, a few at a time, and answers how many. */
export async function sealAll(pool: Pool): Promise<number> {
  let all = 0;
  for (let sealed = await seal(pool, 7); sealed > 0; sealed = await seal(pool, 7)) all += sealed;
  return all;
}

/** A change that is audited: a user, whose id is answered. */
export async function addUser(db: Pool | PoolClient): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into users (id, email, name, role, created_at) values ($1, $2, 'Grace', 'integration', now())`,
    [id, `${id}@holdfast.test`],
  );
  return id;
}

/** Adds `count` events to the ticket's timeline. */
export async function addEvents(pool: Pool, ticketId: string, count: number): Promise<void> {
  await pool.query(
    `insert into ticket_events (ticket_id, sequence, type, at, actor_kind, actor_id, caused_by, data)
     select $1, coalesce((select max(sequence) from ticket_events where ticket_id = $1), 0) + n, 'ticket.assigned', now(),
            'agent', $2, 'command-' || n, '{"b": 1, "a": [1.50, null]}'
     from generate_series(1, $3::integer) n`,
    [ticketId, randomUUID(), count],
  );
}

/** The id of the entry about the row. */
export async function entryOf(pool: Pool, targetId: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select id from audit_entries where target_id = $1', [targetId]);
  const [entry] = rows;
  if (entry === undefined) throw new Error(`Nothing was written down about ${targetId}.`);
  return entry.id;
}

/** Where the chain has the entry. */
export async function positionOf(pool: Pool, entry: string): Promise<number> {
  const { rows } = await pool.query<{ at: number }>(
    'select position::integer as at from audit_chain where entry_id = $1',
    [entry],
  );
  return rows[0]?.at ?? 0;
}
