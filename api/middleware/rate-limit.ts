/**
 * So many requests a minute for each caller, told in `RateLimit-` headers on every answer that counts: a principal has an
 * allowance of his own, whoever has none shares that of his network address, and a wrong credential is charged there too.
 *
 * Not counted: `/livez`, `/readyz`, signed webhooks, files by a signed link, and what no route takes. What bounds those is
 * back-pressure.
 */
import { DeskError } from '../../domain/errors.ts';
import { allowanceOf } from '../client-address.ts';
import type { Context, Middleware } from '../context.ts';
import type { RateLimiter } from '../rate-limiter.ts';

export interface RateLimiters {
  principals: RateLimiter;
  addresses: RateLimiter;
}

/** Finds out who asks by `identify`, and refuses with `rate_limited` what is beyond his allowance. */
export function rateLimit({ principals, addresses }: RateLimiters, identify: Middleware): Middleware {
  return async (ctx, next) => {
    try {
      await identify(ctx, goNoFurther);
    } catch (error) {
      if (error instanceof DeskError && error.code === 'unauthenticated') charge(ctx, addresses, allowanceOf(ctx.ip));
      throw error;
    }
    const { principal } = ctx.state;
    if (principal === null || principal === undefined) charge(ctx, addresses, allowanceOf(ctx.ip));
    else charge(ctx, principals, principal.id);
    return next();
  };
}

function charge(ctx: Context, limiter: RateLimiter, caller: string): void {
  const { limit, remaining, resetSeconds, exceeded } = limiter.spend(caller);
  ctx.set({
    'RateLimit-Limit': `${limit}`,
    'RateLimit-Remaining': `${remaining}`,
    'RateLimit-Reset': `${resetSeconds}`,
  });
  if (!exceeded) return;
  const detail = `More than ${limit} requests came in a minute; send the next one in ${resetSeconds} seconds.`;
  throw new DeskError('rate_limited', detail, { facts: { retryAfterSeconds: resetSeconds } });
}

const goNoFurther = () => Promise.resolve();
