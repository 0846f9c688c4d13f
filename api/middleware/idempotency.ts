/**
 * `Idempotency-Key` on POST and PATCH: the same key and body get the same answer, word for word; another body is refused.
 *
 * A key is claimed before the work and settled after it. When a process dies in between, the claim is taken over after
 * 30 s; the command is then the same one, for its id comes from the key. Failures of ours (5xx), a 412 that a newer
 * `If-Match` may mend, and a 429 that time mends, are not kept: the key stays bound to its body, and the next attempt does
 * the work.
 */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { claim, type KeyOfRequest, release, settle } from '../idempotency-keys.ts';
import type { Context, Middleware } from '../context.ts';
import { DeskError } from '../../domain/errors.ts';
import { renderProblem } from '../problem.ts';

const KEPT_HEADERS = ['Location', 'ETag', 'Content-Type'] as const;
const WELL_FORMED = /^[\x20-\x7e]{1,255}$/;

/** Answers each key once, by the table `idempotency_keys`. */
export function idempotency(pool: Pool, logger: Logger): Middleware {
  return async (ctx, next) => {
    const key = keyOf(ctx);
    const { principal } = ctx.state;
    ctx.state.idempotencyKey = key;
    // Without a principal (signing in) there is nobody whose key it could be, and an answer holds a token.
    if (key === null || principal === null || principal === undefined) return next();
    const request: KeyOfRequest = { principalId: principal.id, key, hash: hashOf(ctx) };
    const claimed = await claim(pool, request);
    if (claimed !== 'claimed') {
      ctx.status = claimed.status;
      ctx.set({ ...claimed.headers, 'Idempotency-Replayed': 'true' });
      ctx.body = claimed.body;
      return;
    }
    try {
      await next();
    } catch (error) {
      renderProblem(ctx, error, logger);
    }
    await keep(ctx, pool, request, logger);
  };
}

async function keep(ctx: Context, pool: Pool, request: KeyOfRequest, logger: Logger): Promise<void> {
  try {
    if (ctx.status >= 500 || ctx.status === 412 || ctx.status === 429) {
      await release(pool, request);
      return;
    }
    const headers = KEPT_HEADERS.map((name) => [name, ctx.response.get(name)]).filter(([, value]) => value !== '');
    await settle(pool, request, { status: ctx.status, headers: Object.fromEntries(headers), body: textOf(ctx.body) });
  } catch (error) {
    // The work is done and its answer true: the caller gets it, and a repeat takes the claim over and finds the same.
    logger.error(
      { requestId: ctx.state.requestId, err: error },
      'An answer could not be kept for its Idempotency-Key.',
    );
  }
}

function keyOf(ctx: Context): string | null {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return null;
  if (WELL_FORMED.test(key)) return key;
  const message = 'must be 1 to 255 printable ASCII characters';
  throw new DeskError('invalid_request', `The header Idempotency-Key ${message}.`, {
    errors: [{ path: 'Idempotency-Key', message }],
  });
}

function hashOf(ctx: Context): string {
  return createHash('sha256')
    .update(`${ctx.method} ${ctx.path}\n`)
    .update(ctx.state.rawBody ?? '')
    .digest('hex');
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
