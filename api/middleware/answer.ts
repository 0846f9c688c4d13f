/** The end of the line: runs the route's handler and answers what it says. */
import type { Middleware } from '../context.ts';
import { nameCommand } from '../command.ts';
import { DeskError } from '../../domain/errors.ts';
import type { Route } from '../route.ts';
import type { Services } from '../services.ts';
import { requireMatch } from './conditional.ts';

/** Answers by the route's handler. */
export function answer(route: Route, services: Services): Middleware {
  return async (ctx) => {
    const { run, principal = null, requestId, idempotencyKey = null } = ctx.state;
    if (run === undefined) throw new Error(`The route ${route.path} was not prepared before it was run.`);
    const caller = {
      get principal() {
        if (principal === null) throw new DeskError('unauthenticated', 'Sign in first.');
        return principal;
      },
      command: nameCommand(principal?.id ?? 'nobody', idempotencyKey),
      requestId,
      origin: services.publicUrl ?? `${ctx.protocol}://${ctx.host}`,
      ip: ctx.ip,
      requireMatch: (etag: string) => requireMatch(ctx, etag),
    };
    const { status, headers, body } = await run(caller, services);
    ctx.status = status ?? route.answer.status;
    if (headers !== undefined) ctx.set({ ...headers });
    ctx.body = typeof body === 'string' ? body : JSON.stringify(body);
    ctx.type = route.answer.type ?? 'application/json';
  };
}
