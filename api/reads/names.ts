/** The names of those who acted, looked up for a whole page at once: one query for the staff, one for the customers. */
import type { Pool } from 'pg';
import { isId } from '../ids.ts';
import type { Actor } from '../../domain/ticket.ts';
import type { NamedActor } from '../shapes/actor.ts';

/** The given actors with their names; a name is null where nobody is known by the id (any more). */
export async function nameActors(pool: Pool, actors: readonly (Actor | null)[]): Promise<(actor: Actor) => NamedActor> {
  const customers = idsOf(actors, (kind) => kind === 'customer');
  const users = idsOf(actors, (kind) => kind !== 'customer' && kind !== 'system' && kind !== 'rule');
  const [ofCustomers, ofUsers] = await Promise.all([
    names(pool, 'select id, coalesce(name, email) as name from customers where id = any($1::uuid[])', customers),
    names(pool, 'select id, name from users where id = any($1::uuid[])', users),
  ]);
  return ({ kind, id }) => {
    if (kind === 'system') return { kind, id, name: 'Holdfast' };
    const known = kind === 'customer' ? ofCustomers : ofUsers;
    return { kind, id, name: (id === null ? undefined : known.get(id)) ?? null };
  };
}

function idsOf(actors: readonly (Actor | null)[], wanted: (kind: Actor['kind']) => boolean): string[] {
  const ids = actors.map((actor) => (actor !== null && wanted(actor.kind) ? actor.id : null));
  return [...new Set(ids.filter((id): id is string => id !== null && isId(id)))];
}

async function names(pool: Pool, text: string, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; name: string }>(text, [ids]);
  return new Map(rows.map((row) => [row.id, row.name]));
}
