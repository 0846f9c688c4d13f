/** API keys whose holders see a part of the desk, and rows for them to see or not to see. */
import { randomUUID } from 'node:crypto';
import type { Role } from '../../domain/permissions.ts';
import { EVERYTHING, type Scope } from '../../domain/scope.ts';
import type { TestApi } from './support.ts';

/** A key of a new user of the role, who sees what `scope` names. */
export async function scopedKey(api: TestApi, role: Role, scope: Partial<Scope>) {
  const made = await api.newKey(role);
  await api.db.pool.query('update users set scope = $2 where id = $1', [
    made.userId,
    JSON.stringify({ ...EVERYTHING, ...scope }),
  ]);
  return made;
}

/** An organisation's id. */
export async function addOrganisation({ db }: TestApi, given: { name?: string; domain?: string; tier?: string } = {}) {
  const id = randomUUID();
  const { name = `Organisation ${id}`, domain = null, tier = null } = given;
  await db.pool.query('insert into organisations (id, name, domain, tier) values ($1, $2, $3, $4)', [
    id,
    name,
    domain,
    tier,
  ]);
  return id;
}

/** A customer's id. */
export async function addCustomer(
  { db }: TestApi,
  given: { email?: string; organisation?: string; tier?: string } = {},
) {
  const id = randomUUID();
  const { email = `${id}@example.com`, organisation = null, tier = null } = given;
  await db.pool.query(
    `insert into customers (id, email, name, tier, organisation_id, created_at) values ($1, $2, 'Grace', $3, $4, now())`,
    [id, email, tier, organisation],
  );
  return id;
}
