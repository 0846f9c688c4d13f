/**
 * The audit log: who changed what. Changes of settings, people, keys, sessions and customers are written down by triggers, in
 * the transaction of the change itself, so no writer can forget it; this file says who acts, and writes down what changes
 * no row.
 *
 * Does not promise a name for every change: whoever did not say who acts goes by `system`. What is written down holds no
 * password, no key, no token, and nothing of a customer but his id and the names of the columns that changed.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import type { Actor } from '../domain/ticket.ts';

/** Who acts, and in which request; ids are UUIDs. */
export interface AuditActor {
  kind: Actor['kind'];
  id: string | null;
  requestId: string | null;
}

/** For what the desk does of itself. */
export const SYSTEM: AuditActor = Object.freeze({ kind: 'system', id: null, requestId: null });

/**
 * Has all that the open transaction of `db` changes written down as done by `actor`; outside of a transaction it does
 * nothing.
 *
 * @example await orm.em.fork().transactional(async (em) => { await actAs(em, actingFor(caller)); … });
 */
export async function actAs(db: EntityManager | PoolClient, actor: AuditActor): Promise<void> {
  const who = JSON.stringify(actor);
  if ('execute' in db) await db.execute(`select set_config('holdfast.actor', ?, true)`, [who]);
  else await db.query(`select set_config('holdfast.actor', $1, true)`, [who]);
}

/** Something that happened and is no row's change. */
export interface AuditEvent {
  /** Such as `customers.export`. */
  action: string;
  /** What kind of thing it was done to, such as `customers`. */
  target: string;
  targetId: string | null;
  /** Facts beside it; nobody's words, name or address. */
  details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Writes down that `actor` did `event`, in the transaction of `db` where it has one. */
export async function writeAudit(db: Pool | PoolClient, actor: AuditActor, event: AuditEvent): Promise<void> {
  await db.query({
    name: 'audit-write',
    text: `select write_audit($1::jsonb, $2, $3, $4, '{}', $5::jsonb)`,
    values: [JSON.stringify(actor), event.action, event.target, event.targetId, JSON.stringify(event.details ?? {})],
  });
}

const REFUSED = `
  with counted as (
    insert into sign_in_refusals as r (reason, day, count) values ($1, current_date, 1)
    on conflict (reason, day) do update set count = r.count + 1
    returning 1
  )
  select write_audit($3::jsonb, 'signIn.refused', 'users', $2, '{}', jsonb_build_object('reason', $1::text))
  from counted
  where not exists (
    select from audit_entries
    where target = 'users' and target_id is not distinct from $2 and action = 'signIn.refused'
      and details ->> 'reason' = $1 and at > now() - interval '1 minute'
  )
`;

/**
 * Counts a refused sign-in by its `reason`, a word such as `password`, and writes it down with the user's id where the
 * address is somebody's (else null); at most once a minute for the same, so that nobody fills the log from outside.
 */
export async function noteRefusedSignIn(
  pool: Pool,
  reason: string,
  { userId, requestId }: { userId: string | null; requestId: string },
): Promise<void> {
  await pool.query({
    name: 'audit-sign-in-refused',
    text: REFUSED,
    values: [reason, userId, JSON.stringify({ ...SYSTEM, requestId })],
  });
}
