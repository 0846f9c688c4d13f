/**
 * ETags: `If-None-Match` answers 304, `If-Match` refuses with 412.
 *
 * `If-Match` is judged when the command is about to be sent. It does not promise that the ticket stays the same until
 * the command is taken: that race is the workflow's, which judges the command against the ticket as it is then.
 */
import type { Context, Middleware } from '../context.ts';
import { DeskError } from '../../domain/errors.ts';

/** Answers 304 where the caller has what would be answered. */
export const conditionalGet: Middleware = async (ctx, next) => {
  await next();
  const etag = ctx.response.get('ETag');
  if (ctx.status === 200 && (ctx.method === 'GET' || ctx.method === 'HEAD') && etag !== '') {
    if (names(ctx.get('If-None-Match'), etag)) {
      ctx.body = null;
      ctx.status = 304;
    }
  }
};

/** Throws `precondition_failed` unless `If-Match` is absent or names `etag`. */
export function requireMatch(ctx: Context, etag: string): void {
  const given = ctx.get('If-Match');
  if (given === '' || names(given, etag)) return;
  const detail = `The resource is at ${etag} and If-Match names ${given.slice(0, 100)}; read it again, then decide.`;
  throw new DeskError('precondition_failed', detail, { facts: { etag } });
}

function names(header: string, etag: string): boolean {
  return header.split(',').some((one) => {
    const tag = one.trim();
    return tag === '*' || tag.replace(/^W\//, '') === etag;
  });
}
