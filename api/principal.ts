/** Who asks: a person with an access token, or whoever holds an API key. */
import { DeskError } from '../domain/errors.ts';
import type { Role } from '../domain/permissions.ts';
import type { Actor } from '../domain/ticket.ts';

export interface Principal {
  kind: 'agent' | 'bot' | 'integration';
  /** The user's id; of a key that belongs to no user, the key's. */
  id: string;
  /** Null for a key that belongs to no user: it reads and opens tickets, and has no name to act under. */
  userId: string | null;
  name: string;
  role: Role;
}

/** How the timeline names a principal of `role`. */
export function kindOf(role: Role): Principal['kind'] {
  return role === 'bot' || role === 'integration' ? role : 'agent';
}

/** Who acts when `principal` commands a ticket; throws `forbidden` for a key that belongs to no user. */
export function actorOf(principal: Principal): Actor & { id: string } {
  if (principal.userId === null) {
    const detail = `The API key "${principal.name}" belongs to no user, so it cannot act on a ticket; use a key that does.`;
    throw new DeskError('forbidden', detail);
  }
  return { kind: principal.kind, id: principal.userId };
}
