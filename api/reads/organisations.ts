/**
 * Organisations, read from PostgreSQL for somebody. Whoever has a scope sees those that it names, and those whose customers
 * he sees.
 */
import type { Pool } from 'pg';
import { DeskError } from '../../domain/errors.ts';
import { seesEverything, type Viewer } from '../../domain/scope.ts';
import { isId } from '../ids.ts';
import { type Bind, visibleCustomers } from './visible.ts';

/** Instants in milliseconds since 1970. */
export interface OrganisationRow {
  id: string;
  name: string;
  domain: string | null;
  tier: string | null;
  createdAt: number;
  updatedAt: number;
}

const SELECT = `
  select o.id, o.name, o.domain, o.tier, floor(extract(epoch from o.created_at) * 1000)::float8 as "createdAt",
    floor(extract(epoch from o.updated_at) * 1000)::float8 as "updatedAt"
  from organisations o
`;

function visibleOrganisations(viewer: Viewer, o: string, bind: Bind): string[] {
  if (seesEverything(viewer)) return [];
  const members = [`m.organisation_id = ${o}.id`, ...visibleCustomers(viewer, 'm', bind)].join(' and ');
  const known = `exists (select from customers m where ${members})`;
  const { organisations } = viewer.scope;
  return [organisations === null ? known : `(${o}.id = any(${bind(organisations)}::uuid[]) or ${known})`];
}

/** The organisation, if `viewer` sees it; throws `not_found`. */
export async function findOrganisation(pool: Pool, viewer: Viewer, id: string): Promise<OrganisationRow> {
  const [row] = isId(id) ? await select(pool, viewer, (bind) => [`o.id = ${bind(id)}::uuid`], '') : [];
  if (row !== undefined) return row;
  const detail = `There is no organisation "${id.slice(0, 60)}"; GET /api/v1/organisations lists those there are.`;
  throw new DeskError('not_found', detail);
}

/** Whether there is such an organisation and `viewer` sees it. */
export async function knowsOrganisation(pool: Pool, viewer: Viewer, id: string): Promise<boolean> {
  const rows = await select(pool, viewer, (bind) => [`o.id = ${bind(id)}::uuid`], '');
  return rows.length > 0;
}

/** At most `limit` organisations by name, behind the position (a name); `domain` finds the one that has it. */
export function listOrganisations(
  pool: Pool,
  viewer: Viewer,
  { domain, after, limit }: { domain?: string | undefined; after: readonly string[] | null; limit: number },
): Promise<OrganisationRow[]> {
  const where = (bind: Bind) => [
    ...(domain === undefined ? [] : [`o.domain = ${bind(domain)}`]),
    ...(after === null ? [] : [`o.name > ${bind(after[0])}`]),
  ];
  return select(pool, viewer, where, `order by o.name limit ${limit}`);
}

async function select(
  pool: Pool,
  viewer: Viewer,
  conditions: (bind: Bind) => string[],
  order: string,
): Promise<OrganisationRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [...conditions(bind), ...visibleOrganisations(viewer, 'o', bind)];
  const text = `${SELECT} ${where.length > 0 ? `where ${where.join(' and ')}` : ''} ${order}`;
  const { rows } = await pool.query<OrganisationRow>(text, values);
  return rows;
}

/** The organisation that has the domain of the address, or null. */
export async function organisationOfAddress(pool: Pool, email: string): Promise<string | null> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'organisation-of-address',
    text: `select id from organisations where domain = split_part(lower($1), '@', 2)`,
    values: [email],
  });
  return rows[0]?.id ?? null;
}
