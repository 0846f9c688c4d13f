/** How drafts were received, counted from their rows: those proposed within a range, by the category of their ticket. */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import { visibleTickets } from './visible.ts';

export interface AcceptanceRow {
  category: string | null;
  proposed: number;
  approved: number;
  edited: number;
  discarded: number;
  /** The sum of the edit distances that are known, and of how many. */
  distance: number;
  measured: number;
}

/** The counts by category for drafts proposed from `from` until before `to` (milliseconds since 1970). */
export async function acceptanceOf(pool: Pool, viewer: Viewer, from: number, to: number): Promise<AcceptanceRow[]> {
  const { rows } = await pool.query<AcceptanceRow>(acceptanceStatement(viewer, from, to));
  return rows;
}

/** The statement behind {@link acceptanceOf}. */
export function acceptanceStatement(viewer: Viewer, from: number, to: number): { text: string; values: unknown[] } {
  const values: unknown[] = [from, to];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [
    'd.created_at >= to_timestamp($1::float8 / 1000)',
    'd.created_at < to_timestamp($2::float8 / 1000)',
    ...visibleTickets(viewer, 't', bind),
  ].join(' and ');
  const text = `
    select t.state #>> '{triage,category}' as category, count(*)::integer as proposed,
      ${counted(`d.state = 'approve'`)} as approved, ${counted(`d.state = 'edit'`)} as edited,
      ${counted(`d.state = 'discard'`)} as discarded, coalesce(sum(d.edit_distance), 0)::float8 as distance,
      count(d.edit_distance)::integer as measured
    from drafts d join tickets t on t.id = d.ticket_id
    where ${where} group by 1 order by 1 nulls last
  `;
  return { text, values };
}

function counted(condition: string): string {
  return `count(*) filter (where ${condition})::integer`;
}
