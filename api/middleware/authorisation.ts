/** Whether he may: the route names a permission, the role grants it or not. What is not granted is refused. */
import type { Middleware } from '../context.ts';
import { DeskError } from '../../domain/errors.ts';
import { requirePermission } from '../principal.ts';
import type { Access } from '../route.ts';

/** Lets pass whoever may do what `access` names. */
export function authorisation(access: Access): Middleware {
  return (ctx, next) => {
    if (access === 'public') return next();
    const { principal } = ctx.state;
    if (principal === null || principal === undefined) {
      throw new DeskError('unauthenticated', 'Sign in first: send an Authorization header with a bearer token.');
    }
    if (access !== 'signedIn') requirePermission(principal, access);
    return next();
  };
}
