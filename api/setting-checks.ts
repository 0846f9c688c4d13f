/** What the routes of settings check beyond a schema: names that are free, and names that are known. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { DeskError } from '../domain/errors.ts';

/** The refusal of one field; `message` goes on from its name, such as `must be …`. */
export function wrong(path: string, message: string, cause?: unknown): DeskError {
  return new DeskError('invalid_request', `The request does not fit: "${path}" ${message}.`, {
    errors: [{ path, message }],
    cause,
  });
}

/** The id that a setting gets by its name: `Weekdays, 9 to 5` is `weekdays-9-to-5`. Throws where the name gives none. */
export function idFrom(name: string): string {
  const id = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '');
  if (id === '') throw wrong('id', `cannot be made of the name "${name}"; give one such as lost-parcel`);
  return id;
}

const TABLES = {
  agent: 'agents',
  calendar: 'calendars',
  organisation: 'organisations',
  policy: 'sla_policies',
  rota: 'rotas',
  'support type': 'support_types',
  team: 'teams',
} as const;

/** Something that a setting names: where it names it, what it is, and by which id; null names nothing. */
export interface Named {
  path: string;
  noun: keyof typeof TABLES;
  id: string | null | undefined;
}

/** Throws `invalid_request`, naming every field, unless all that is named exists. */
export async function checkNamed(em: EntityManager, named: readonly Named[]): Promise<void> {
  const missing = [];
  for (const [noun, table] of Object.entries(TABLES)) {
    const asked = named.filter((one) => one.noun === noun && typeof one.id === 'string');
    if (asked.length === 0) continue;
    const ids = JSON.stringify(asked.map(({ id }) => id));
    const known = await em.execute<{ id: string }[]>(
      `select id::text as id from ${table} where id::text in (select jsonb_array_elements_text(?::jsonb))`,
      [ids],
    );
    const found = new Set(known.map(({ id }) => id));
    missing.push(...asked.filter(({ id }) => !found.has(id ?? '')));
  }
  if (missing.length === 0) return;
  const errors = missing.map(({ path, noun, id }) => ({
    path,
    message: `names the ${noun} "${id}", and there is none; give the id of ${/^[ao]/.test(noun) ? 'an' : 'a'} ${noun} that exists`,
  }));
  const told = errors.map(({ path, message }) => `"${path}" ${message}`).join('; ');
  throw new DeskError('invalid_request', `The request does not fit: ${told}.`, { errors });
}

/** What the rows of `statement`, whose column `by` says who uses it, and how often, mean for people. */
export async function usersBy(em: EntityManager, statement: string, params: readonly unknown[]): Promise<string[]> {
  const rows = await em.execute<{ by: string }[]>(statement, [...params]);
  return rows.map(({ by }) => by);
}

/** `before` with what is given in its place. */
export function merged<Fields extends object>(
  before: Fields,
  given: { [Name in keyof Fields]?: Fields[Name] | undefined },
): Fields {
  return { ...before, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

interface Placed {
  position: number;
  updatedAt: Date;
}

/** Puts `row` at `position`, 1 being the first, among all that there are, in order, and numbers them without a gap. */
export function putAt<Row extends Placed>(all: readonly Row[], row: Row, position: number, at: Date): void {
  const order = all.filter((one) => one !== row);
  order.splice(position - 1, 0, row);
  for (const [index, one] of order.entries()) {
    if (one.position === index + 1) continue;
    one.position = index + 1;
    // Whoever was moved has changed too.
    if (one !== row) one.updatedAt = new Date(Math.max(at.getTime(), one.updatedAt.getTime() + 1));
  }
}
