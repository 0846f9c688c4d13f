/**
 * The figures of the desk at this moment, each counted by an index of its own over tickets with work to do, or over what
 * happened to clocks today; so the time that they take follows what is open, and not what ever was.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import type { Target } from '../../domain/sla-policy.ts';
import { UNDONE } from './ticket-lists.ts';
import { type Bind, visibleTickets } from './visible.ts';

export interface Figures {
  open: number;
  unassigned: number;
  breached: number;
  /** Deadlines within the next hour. */
  dueNextHour: number;
  /** Since when the oldest question has waited, in milliseconds since 1970. */
  awaitedSince: number | null;
  /** Of the targets that were met or missed today. */
  today: { target: Target; met: number; missed: number }[];
  agents: { online: number; away: number; capacity: number; load: number };
}

/** The figures for `viewer` at `now`, and since `midnight` (milliseconds since 1970). */
export async function figuresOf(pool: Pool, viewer: Viewer, now: number, midnight: number): Promise<Figures> {
  const { rows } = await pool.query<Figures>(figuresStatement(viewer, now, midnight));
  const [row] = rows;
  if (row === undefined) throw new Error('The statement of the figures answered no row, and it always has one.');
  return row;
}

/** The statement behind {@link figuresOf}. */
export function figuresStatement(viewer: Viewer, now: number, midnight: number): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const at = `to_timestamp(${bind(now)}::float8 / 1000)`;
  const seen = visibleTickets(viewer, 't', bind);
  const tickets = (...where: string[]) => `from tickets t where ${[...where, ...seen].join(' and ')}`;
  const happened = [
    `e.type in ('sla.fulfilled', 'sla.breached')`,
    `e.at >= to_timestamp(${bind(midnight)}::float8 / 1000)`,
    ...(seen.length === 0
      ? []
      : [`exists (select from tickets t where ${['t.id = e.ticket_id', ...seen].join(' and ')})`]),
  ];
  const text = `
    select
      (select count(*) ${tickets(UNDONE)})::integer as open,
      (select count(*) ${tickets(UNDONE, 't.assignee_id is null')})::integer as unassigned,
      (select count(*) ${tickets('t.late')})::integer as breached,
      (select count(*) ${tickets(UNDONE, `t.sla_due_at > ${at}`, `t.sla_due_at <= ${at} + interval '1 hour'`)})::integer
        as "dueNextHour",
      (select awaited_since(t.state) ${tickets(UNDONE, 'awaited_since(t.state) is not null')}
       order by awaited_since(t.state) limit 1) as "awaitedSince",
      (select coalesce(json_agg(json_build_object('target', target, 'met', met, 'missed', missed)), '[]') from (
         select e.data ->> 'target' as target,
           count(*) filter (where e.type = 'sla.fulfilled' and e.data ->> 'late' = 'false') as met,
           count(*) filter (where e.type = 'sla.breached') as missed
         from ticket_events e where ${happened.join(' and ')} group by 1
       ) results) as today,
      (select json_build_object(
         'online', count(*) filter (where availability = 'online'),
         'away', count(*) filter (where availability = 'away'),
         'capacity', coalesce(sum(capacity) filter (where availability = 'online'), 0),
         'load', coalesce(sum(load) filter (where availability = 'online'), 0)
       ) from agents) as agents
  `;
  return { text, values };
}
