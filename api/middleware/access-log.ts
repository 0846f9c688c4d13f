/** One line for each answered request. Holds no body, no header and no query value: those may be secrets or customers'. */
import type { Logger } from 'pino';
import type { Middleware } from '../context.ts';

/** Logs to `logger`, at `info`. */
export function accessLog(logger: Logger): Middleware {
  return async (ctx, next) => {
    const started = performance.now();
    try {
      await next();
    } finally {
      logger.info(
        {
          requestId: ctx.state.requestId,
          method: ctx.method,
          path: ctx.path,
          route: ctx.state.route,
          status: ctx.status,
          principal: ctx.state.principal?.id,
          ms: Math.round(performance.now() - started),
        },
        'request',
      );
    }
  };
}
