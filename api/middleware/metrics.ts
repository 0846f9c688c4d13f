/** Counts each answered request by its route, and how long it took. */
import type { Middleware } from '../context.ts';
import type { ApiMetrics } from '../metrics.ts';

/** Tells `metrics`. */
export function requestMetrics(metrics: ApiMetrics): Middleware {
  return async (ctx, next) => {
    const started = performance.now();
    try {
      await next();
    } finally {
      const { method, status, state } = ctx;
      metrics.answered({ method, route: state.route, status, seconds: (performance.now() - started) / 1000 });
    }
  };
}
