/** Refuses with 503 and `Retry-After` what this process has no room for, before its memory runs out. */
import type { Middleware } from '../context.ts';
import type { Load, RequestKind } from '../load.ts';

const HEALTH: ReadonlySet<string> = new Set(['/livez', '/readyz']);

/** Whether `path` tells how the process is: it holds nothing, and is answered also by one that is full. */
export function isHealth(path: string): boolean {
  return HEALTH.has(path);
}

/** Takes requests on by `load`, and lets them go when their work is done. */
export function backPressure(load: Load): Middleware {
  return async (ctx, next) => {
    if (isHealth(ctx.path)) return next();
    const admitted = load.admit(kindOf(ctx.path));
    ctx.state.admitted = admitted;
    try {
      await next();
    } finally {
      admitted.leave();
    }
  };
}

/** Whoever watches a full process is refused as late as a vendor. */
function kindOf(path: string): RequestKind {
  const late = path.startsWith('/webhooks/') || path === '/slack/events' || path === '/metrics';
  return late ? 'delivery' : 'ordinary';
}
