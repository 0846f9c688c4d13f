/**
 * Who sees which tickets, asked for many viewers at once: those who see everything cost nothing, all others of one scope
 * one statement together. The conditions are those of every other read, in ../reads/visible.ts.
 */
import type { Pool } from 'pg';
import { seesEverything, type Viewer } from '../../domain/scope.ts';
import { type Bind, visibleTickets } from '../reads/visible.ts';

/** Whether a viewer, one of those who were asked for, sees a ticket. */
type Sight = (viewer: Viewer) => (ticketId: string) => boolean;

/** What the viewers of one scope see: all of them what is `inScope`, and each what is in his own hands. */
interface Group {
  inScope: ReadonlySet<string>;
  holders: ReadonlyMap<string, string | null>;
}

/** What `viewers` see now of the tickets `ticketIds`. */
export async function sightOf(pool: Pool, viewers: Iterable<Viewer>, ticketIds: readonly string[]): Promise<Sight> {
  const limited = [...viewers].filter((viewer) => !seesEverything(viewer));
  const alike = Map.groupBy(limited, keyOf);
  const groups = new Map(
    await Promise.all(
      [...alike].map(async ([key, some]): Promise<[string, Group]> => [key, await groupOf(pool, some, ticketIds)]),
    ),
  );
  return (viewer) => {
    if (seesEverything(viewer)) return () => true;
    const { holderId } = viewer;
    const { inScope, holders } = groups.get(keyOf(viewer)) ?? { inScope: NONE, holders: NOBODY };
    return (ticketId) => inScope.has(ticketId) || (holderId !== null && holders.get(ticketId) === holderId);
  };
}

function keyOf({ customerId, scope }: Viewer): string {
  const { supportTypes, teams, organisations } = scope;
  return JSON.stringify([customerId, supportTypes, teams, organisations]);
}

async function groupOf(pool: Pool, viewers: readonly Viewer[], ticketIds: readonly string[]): Promise<Group> {
  const [first] = viewers;
  if (first === undefined) return { inScope: NONE, holders: NOBODY };
  const { customerId, scope } = first;
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const inScope = visibleTickets({ holderId: null, customerId, scope }, 't', bind).join(' and ');
  // A customer's own tickets are those that he asked for, whoever has them in hand.
  const hands = customerId === null ? viewers.flatMap(({ holderId }) => holderId ?? []) : [];
  const { rows } = await pool.query<{ id: string; holder: string | null; inScope: boolean }>(
    `select t.id, case when t.assignee_id = any(${bind(hands)}::uuid[]) then t.assignee_id end as holder,
            coalesce(${inScope}, false) as "inScope"
     from tickets t where t.id = any(${bind(ticketIds)}::uuid[])`,
    values,
  );
  return {
    inScope: new Set(rows.filter((row) => row.inScope).map(({ id }) => id)),
    holders: new Map(rows.map(({ id, holder }) => [id, holder])),
  };
}

const NONE: ReadonlySet<string> = new Set();
const NOBODY: ReadonlyMap<string, string> = new Map();
