/**
 * Nobody hands out more than he has. Whoever makes or changes a user or a key must himself be granted all that it grants and
 * see all that it sees: else a key that was cut down could make one that was not.
 */
import { DeskError } from '../domain/errors.ts';
import { grantedTo, may, type Permission, type Role } from '../domain/permissions.ts';
import { EVERYTHING, isWithin, type Scope } from '../domain/scope.ts';
import type { Principal } from './principal.ts';

/** What a user or a key may do and see; null: all that the role grants, everything. */
export interface Rights {
  role: Role;
  permissions?: readonly Permission[] | null | undefined;
  scope?: Scope | null | undefined;
}

/** Throws `forbidden` unless `principal` has all of the rights himself. */
export function requireToHave(principal: Principal, { role, permissions, scope }: Rights): void {
  const missing = (permissions ?? grantedTo(role)).find((permission) => !may(principal, permission));
  if (missing !== undefined) {
    const detail = `This would hand out "${missing}", which you are not granted yourself; ask somebody who is.`;
    throw new DeskError('forbidden', detail, { facts: { permission: missing } });
  }
  if (isWithin(scope ?? EVERYTHING, principal.scope)) return;
  const detail = 'This would show more than your own scope does; keep within it, or ask somebody who sees everything.';
  throw new DeskError('forbidden', detail);
}
