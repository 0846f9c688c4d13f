/**
 * Where a customer may belong. Whoever's scope names organisations puts customers into those alone, and moves none that
 * belongs elsewhere: he would widen what he sees by it.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../domain/scope.ts';
import { knowsOrganisation, organisationOfAddress } from './reads/organisations.ts';
import { wrong } from './setting-checks.ts';

const PATH = 'organisationId';

/** The organisation of a new customer: the one given, or else the one that has the domain. Throws `invalid_request`. */
export async function organisationForNew(
  pool: Pool,
  viewer: Viewer,
  email: string,
  given: string | null | undefined,
): Promise<string | null> {
  const chosen = given === undefined ? await organisationOfAddress(pool, email) : given;
  if (!isInScope(viewer, chosen)) {
    throw wrong(PATH, 'must be one of the organisations that your scope names, as you see the customers of no other');
  }
  if (typeof given === 'string') await checkKnown(pool, viewer, given);
  return chosen;
}

/** Throws `invalid_request` unless `viewer` may move a customer from the one organisation to the other. */
export async function checkMove(pool: Pool, viewer: Viewer, from: string | null, to: string | null): Promise<void> {
  if (from === to) return;
  if (!isInScope(viewer, from) || !isInScope(viewer, to)) {
    throw wrong(PATH, 'can be changed only from one to another of the organisations that your scope names');
  }
  if (to !== null) await checkKnown(pool, viewer, to);
}

async function checkKnown(pool: Pool, viewer: Viewer, id: string): Promise<void> {
  if (await knowsOrganisation(pool, viewer, id)) return;
  throw wrong(PATH, `names no organisation ("${id}"); GET /api/v1/organisations lists those there are`);
}

function isInScope({ scope: { organisations } }: Viewer, id: string | null): boolean {
  return organisations === null || (id !== null && organisations.includes(id.toLowerCase()));
}
