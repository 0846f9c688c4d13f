/** The one place where an error becomes an answer, except what `idempotency` renders to keep it. */
import type { Logger } from 'pino';
import type { Context, Middleware } from '../context.ts';
import { renderProblem } from '../problem.ts';

/** Answers whatever is thrown below as problem+json. */
export function errors(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      renderProblem(ctx, error, logger);
      letGo(ctx);
    }
  };
}

/** A body that was refused half-way would stand before the next request on its connection. */
function letGo(ctx: Context): void {
  if (ctx.req.complete) return;
  ctx.set('Connection', 'close');
  ctx.req.resume();
}
