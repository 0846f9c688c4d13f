/** Who the audit log says acted: the caller of a route. */
import type { AuditActor } from '../db/audit.ts';
import type { Principal } from './principal.ts';

/** The caller, as the audit log names him. */
export function actingFor(caller: { readonly principal: Principal; readonly requestId: string }): AuditActor {
  const { kind, id } = caller.principal;
  return { kind, id, requestId: caller.requestId };
}
