/** Names every request: the caller's `X-Request-Id` where it is well-formed, else a new one; always answered. */
import { randomUUID } from 'node:crypto';
import type { Middleware } from '../context.ts';

const WELL_FORMED = /^[A-Za-z0-9_-]{8,64}$/;

export const requestId: Middleware = (ctx, next) => {
  const given = ctx.get('X-Request-Id');
  ctx.state.requestId = WELL_FORMED.test(given) ? given : randomUUID();
  ctx.set('X-Request-Id', ctx.state.requestId);
  return next();
};
