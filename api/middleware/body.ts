/** Bodies: the raw bytes first, at most 1 MiB; JSON and nothing else where a route takes one. */
import type { Context, Middleware } from '../context.ts';
import { DeskError } from '../../domain/errors.ts';
import { readBytes } from '../request-bytes.ts';
import { bodyIsOptional, type RouteDescription, takesBody } from '../route.ts';

const MOST_BYTES = 1024 * 1024;
/** How long a body may take where the load does not say. */
const BODY_MS = 20_000;

/** Reads the request's bytes, counted as held; throws as {@link readBytes} does, above 1 MiB or after the time for a body. */
export function readRawBody(ctx: Context): Promise<Buffer> {
  const { bodyMs = BODY_MS, hold } = ctx.state.admitted ?? {};
  return readBytes(ctx.req, { mostBytes: MOST_BYTES, patienceMs: bodyMs, hold });
}

/** Reads the JSON body of a route that takes one. */
export function jsonBody(description: RouteDescription): Middleware {
  const optional = bodyIsOptional(description);
  return async (ctx, next) => {
    if (takesBody(description)) {
      const raw = await readRawBody(ctx);
      if (raw.length > 0 && !isJson(ctx)) throw mediaTypeRefusal(ctx);
      ctx.state.rawBody = raw;
      ctx.state.json = raw.length === 0 && optional ? {} : parseJson(raw.toString('utf8'));
    }
    return next();
  };
}

/** Parses a body's text as JSON; throws `invalid_json`. */
export function parseJson(text: string): unknown {
  if (text === '') throw new DeskError('invalid_json', 'The body is empty; send JSON.');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DeskError('invalid_json', 'The body is not JSON; check it for cut or unescaped text.', { cause: error });
  }
}

function isJson(ctx: Context): boolean {
  const encoding = ctx.get('Content-Encoding');
  return typeof ctx.is('json', '+json') === 'string' && (encoding === '' || encoding === 'identity');
}

function mediaTypeRefusal(ctx: Context): DeskError {
  const type = ctx.get('Content-Type') || 'no Content-Type';
  return new DeskError(
    'unsupported_media_type',
    `The body came as ${type.slice(0, 100)}; send it as application/json, uncompressed.`,
  );
}
