/** Nothing here: 404, or 405 naming the methods that the path takes. */
import type { Middleware } from '../context.ts';
import { DeskError } from '../../domain/errors.ts';
import type { RouteDescription } from '../route.ts';

/** Refuses what no route took. */
export function notFound(routes: readonly RouteDescription[]): Middleware {
  const known = routes.map(({ path, method }) => ({ pattern: patternOf(path), method: method.toUpperCase() }));
  return (ctx) => {
    const methods = known.filter(({ pattern }) => pattern.test(ctx.path)).map(({ method }) => method);
    if (methods.length === 0) {
      throw new DeskError(
        'not_found',
        `There is nothing at ${ctx.path}; GET /api/v1/openapi.json lists what there is.`,
      );
    }
    const allowed = [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)];
    ctx.set('Allow', allowed.join(', '));
    const detail = `${ctx.path} does not take ${ctx.method}; it takes ${allowed.join(', ')}.`;
    throw new DeskError('method_not_allowed', detail, { facts: { allowed } });
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}
