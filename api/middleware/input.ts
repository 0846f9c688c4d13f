/** Checks what the request brings against the route's schemas, before anything is claimed or changed. */
import type { Middleware } from '../context.ts';
import type { Route } from '../route.ts';

/** Prepares the route's work. */
export function input(route: Route): Middleware {
  return (ctx, next) => {
    ctx.state.run = route.prepare({ params: ctx['params'], query: { ...ctx.query }, body: ctx.state.json ?? {} });
    return next();
  };
}
