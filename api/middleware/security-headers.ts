/** Headers that tell a browser to take an answer for what it is and to keep it to itself. */
import type { Middleware } from '../context.ts';

export const securityHeaders: Middleware = (ctx, next) => {
  ctx.set({
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  return next();
};
