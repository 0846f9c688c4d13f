/**
 * The audit log, read from PostgreSQL for somebody: a keyset page by filters, newest first, and one entry with its link.
 *
 * Whoever sees only some of the customers reads of those only.
 */
import type { Pool } from 'pg';
import { DeskError } from '../../domain/errors.ts';
import type { Viewer } from '../../domain/scope.ts';
import type { Actor } from '../../domain/ticket.ts';
import { isId } from '../ids.ts';
import { type Bind, visibleCustomers } from './visible.ts';

export interface AuditRow {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  actor: { kind: Actor['kind']; id: string | null; name: string | null };
  requestId: string | null;
  action: string;
  target: string;
  targetId: string | null;
  changes: Record<string, { before: unknown; after: unknown } | null>;
  details: Record<string, unknown>;
  /** The exact time in PostgreSQL's words, for cursors. */
  position: string;
}

export interface AuditFilters {
  /** A user's or a key's id, or `system`. */
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  targetId?: string | undefined;
  /** Instants; `from` is the first that counts, `to` the first that does not. */
  from?: string | undefined;
  to?: string | undefined;
}

const COLUMNS = `
  e.id, floor(extract(epoch from e.at) * 1000)::float8 as at, e.request_id as "requestId", e.action, e.target,
  e.target_id as "targetId", e.changes, e.details, e.at::text as position,
  json_build_object('kind', e.actor_kind, 'id', e.actor_id, 'name', coalesce(u.name, k.name)) as actor
`;
const ACTOR = 'left join users u on u.id = e.actor_id left join api_keys k on k.id = e.actor_id';

/** At most `limit` entries that `viewer` may read, newest first, behind the position (time and id). */
export async function listAudit(
  pool: Pool,
  viewer: Viewer,
  filters: AuditFilters,
  { after, limit }: { after: readonly string[] | null; limit: number },
): Promise<AuditRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [...conditions(filters, bind), ...readable(viewer, bind)];
  if (after !== null) where.push(`(e.at, e.id) < (${bind(after[0])}::timestamptz, ${bind(after[1])}::uuid)`);
  const { rows } = await pool.query<AuditRow>(
    `select ${COLUMNS}
     from (
       select * from audit_entries e where ${['true', ...where].join(' and ')}
       order by e.at desc, e.id desc limit ${bind(limit)}
     ) e ${ACTOR}
     order by e.at desc, e.id desc`,
    values,
  );
  return rows;
}

function conditions({ actor, action, target, targetId, from, to }: AuditFilters, bind: Bind): string[] {
  const where: string[] = [];
  if (actor === 'system') where.push('e.actor_id is null');
  else if (actor !== undefined) where.push(`e.actor_id = ${bind(actor)}::uuid`);
  if (action !== undefined) where.push(`e.action = ${bind(action)}`);
  if (target !== undefined) where.push(`e.target = ${bind(target)}`);
  if (targetId !== undefined) where.push(`e.target_id = ${bind(targetId)}`);
  if (from !== undefined) where.push(`e.at >= ${bind(from)}::timestamptz`);
  if (to !== undefined) where.push(`e.at < ${bind(to)}::timestamptz`);
  return where;
}

function readable(viewer: Viewer, bind: Bind): string[] {
  const seen = visibleCustomers(viewer, 'c', bind);
  if (seen.length === 0) return [];
  // The case keeps the ids of other things, which are words, from being read as UUIDs.
  const theirs = `c.id = case e.target when 'customers' then e.target_id::uuid end`;
  return [`(e.target <> 'customers' or exists (select from customers c where ${theirs} and ${seen.join(' and ')}))`];
}

export interface AuditLink {
  position: number;
  /** In hex. */
  hash: string;
}

/** The entry with its link in the chain (null until it is sealed), if `viewer` may read it; throws `not_found`. */
export async function findAudit(
  pool: Pool,
  viewer: Viewer,
  id: string,
): Promise<AuditRow & { link: AuditLink | null }> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [`e.id = ${bind(isId(id) ? id : null)}::uuid`, ...readable(viewer, bind)];
  const { rows } = await pool.query<AuditRow & { link: AuditLink | null }>(
    `select ${COLUMNS}, case when l.position is not null then
        json_build_object('position', l.position, 'hash', encode(l.hash, 'hex')) end as link
     from audit_entries e ${ACTOR} left join audit_chain l on l.entry_id = e.id and l.sequence = 0
     where ${where.join(' and ')}`,
    values,
  );
  const [row] = rows;
  if (row !== undefined) return row;
  throw new DeskError('not_found', `The audit log has no entry "${id.slice(0, 60)}"; GET /api/v1/audit lists it.`);
}
