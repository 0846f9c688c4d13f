/**
 * How much everybody has to do, counted at the moment of asking in one statement over the tickets with work to do.
 *
 * A ticket counts for its assignee and for its team. One that waits for an agent counts as waiting for its team, and for
 * the agent whom it would go back to first.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import { UNDONE } from './ticket-lists.ts';
import { visibleTickets } from './visible.ts';

interface Counts {
  capacity: number;
  load: number;
  open: number;
  pending: number;
  atRisk: number;
  breached: number;
  waiting: number;
}

export interface Workload {
  agents: (Counts & { id: string; name: string; availability: 'online' | 'away' | 'offline' })[];
  teams: (Counts & { id: string; name: string })[];
}

const COUNTS = `
  'capacity', capacity, 'load', load, 'open', coalesce(open, 0), 'pending', coalesce(pending, 0),
  'atRisk', coalesce(at_risk, 0), 'breached', coalesce(breached, 0), 'waiting', coalesce(waiting, 0)
`;

const workload = (visible: readonly string[]) => `
  with undone as (
    select coalesce(assignee_id, case when waiting then (state ->> 'preferredAgentId')::uuid end) as agent_id, team_id,
           status, waiting, at_risk, late as breached
    from tickets where ${[UNDONE, ...visible].join(' and ')}
  ), counted as (
    select agent_id, team_id, grouping(team_id) = 1 as of_agent,
           count(*) filter (where not waiting and status not in ('pending', 'on_hold')) as open,
           count(*) filter (where not waiting and status in ('pending', 'on_hold')) as pending,
           count(*) filter (where at_risk) as at_risk, count(*) filter (where breached) as breached,
           count(*) filter (where waiting) as waiting
    from undone group by grouping sets ((agent_id), (team_id))
  ), teams_of as (
    select t.id, t.name, coalesce(sum(a.capacity), 0) as capacity, coalesce(sum(a.load), 0) as load
    from teams t left join team_members m on m.team_id = t.id left join agents a on a.id = m.agent_id
    group by t.id
  )
  select
    (select coalesce(json_agg(json_build_object('id', a.id, 'name', u.name, 'availability', a.availability, ${COUNTS})
                              order by u.name, a.id), '[]')
     from agents a join users u on u.id = a.id left join counted c on c.of_agent and c.agent_id = a.id) as agents,
    (select coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, ${COUNTS}) order by t.name, t.id), '[]')
     from teams_of t left join counted c on not c.of_agent and c.team_id = t.id) as teams
`;

/** The workload of every agent and every team, by name, of the tickets that `viewer` sees. */
export async function workloadOf(pool: Pool, viewer: Viewer): Promise<Workload> {
  const values: unknown[] = [];
  const visible = visibleTickets(viewer, 'tickets', (value) => `$${values.push(value)}`);
  const { rows } = await pool.query<Workload>(workload(visible), values);
  const [row] = rows;
  if (row === undefined) throw new Error('The statement of the workload answered no row, and it always has one.');
  return row;
}
