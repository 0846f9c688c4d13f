/**
 * For whom, and of what kind, somebody may open a ticket: a customer for himself, and somebody with a scope what lies
 * within it. Whatever he opens he would otherwise be told the name of a requester whom he may not see.
 */
import type { Pool } from 'pg';
import { DeskError } from '../domain/errors.ts';
import { seesEverything, type Viewer } from '../domain/scope.ts';
import { visibleCustomers } from './reads/visible.ts';

/** What is looked at of the ticket that is to be opened. */
interface Opening {
  requester: { email: string };
  supportType?: string | undefined;
  priority?: unknown;
  tags?: unknown;
}

/** Throws `forbidden`, naming the field, unless `viewer` may open such a ticket. */
export async function checkOpening(pool: Pool, viewer: Viewer, opening: Opening): Promise<void> {
  const { supportTypes, organisations } = viewer.scope;
  if (viewer.customerId !== null) {
    for (const field of ['priority', 'tags'] as const) {
      if (opening[field] !== undefined) throw refusal(field, 'is for the desk to give; leave it out');
    }
  }
  if (supportTypes !== null && !supportTypes.includes(opening.supportType ?? '')) {
    throw refusal('supportType', `must be one of those that you see: ${supportTypes.join(', ')}`);
  }
  if (seesEverything(viewer)) return;
  const { known, seen } = await findRequester(pool, viewer, opening.requester.email);
  if (seen || (!known && viewer.customerId === null && organisations === null)) return;
  const who = viewer.customerId === null ? 'the address of a customer whom you see' : 'your own address';
  throw refusal('requester.email', `must be ${who}`);
}

/** Whether the address is a customer's, and one's whom `viewer` sees. */
async function findRequester(pool: Pool, viewer: Viewer, email: string): Promise<{ known: boolean; seen: boolean }> {
  const values: unknown[] = [email];
  const visible = visibleCustomers(viewer, 'c', (value) => `$${values.push(value)}`).join(' and ');
  const { rows } = await pool.query<{ seen: boolean }>(
    `select ${visible} as seen from customers c where c.email = lower($1)`,
    values,
  );
  return { known: rows.length > 0, seen: rows[0]?.seen ?? false };
}

function refusal(path: string, message: string): DeskError {
  return new DeskError('forbidden', `The field "${path}" ${message}.`, { errors: [{ path, message }] });
}
