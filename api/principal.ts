/** Who asks: a person with an access token, or whoever holds an API key. */
import { DeskError } from '../domain/errors.ts';
import { type Grantee, grantedTo, may, type Permission, type Role } from '../domain/permissions.ts';
import { seesEverything, type Viewer } from '../domain/scope.ts';
import type { Actor } from '../domain/ticket.ts';

export interface Principal extends Grantee, Viewer {
  kind: 'agent' | 'bot' | 'customer' | 'integration';
  /** Null for a key that belongs to no user. */
  userId: string | null;
  /** The user's id; of a key that belongs to no user, the key's. */
  id: string;
  name: string;
  /** The session that the access token belongs to; null for an API key. */
  sessionId: string | null;
  /** The API key; null for an access token. */
  keyId: string | null;
  /** When the access token ends, in milliseconds since 1970; null for an API key, which holds until it is revoked. */
  expiresAt: number | null;
}

/** How the timeline names a principal of `role`. */
export function kindOf(role: Role): Principal['kind'] {
  return role === 'bot' || role === 'integration' || role === 'customer' ? role : 'agent';
}

/** Who acts when `principal` commands a ticket; throws `forbidden` for a key that belongs to no user. */
export function actorOf(principal: Principal): Actor & { id: string } {
  if (principal.userId === null) {
    const detail = `The API key "${principal.name}" belongs to no user, so it cannot act on a ticket; use a key that does.`;
    throw new DeskError('forbidden', detail);
  }
  return { kind: principal.kind, id: principal.userId };
}

/** Throws `forbidden` unless `principal` may do what `permission` names. */
export function requirePermission({ role, permissions }: Principal, permission: Permission): void {
  if (may({ role, permissions }, permission)) return;
  const who = grantedTo(role).includes(permission) ? 'This API key' : `The role "${role}"`;
  const detail = `${who} does not grant "${permission}", which this request needs.`;
  throw new DeskError('forbidden', detail, { facts: { permission } });
}

/** Throws `forbidden` for a principal with a scope; `what` says what takes the whole desk, such as "read the inbox". */
export function requireWholeDesk(principal: Principal, what: string): void {
  if (seesEverything(principal)) return;
  throw new DeskError('forbidden', `Your scope is a part of the desk; only somebody who sees all of it can ${what}.`);
}
