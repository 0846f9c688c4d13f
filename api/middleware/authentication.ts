/**
 * Who asks: an API key (`hf_…`) or an access token, in `Authorization: Bearer`. No header is nobody; a header that does
 * not hold is 401, also on a route that anybody may call.
 */
import type { Authenticate } from '../authenticate.ts';
import type { Middleware } from '../context.ts';
import { DeskError } from '../../domain/errors.ts';

const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** Sets the principal by `authenticate`. */
export function authentication(authenticate: Authenticate): Middleware {
  return async (ctx, next) => {
    const header = ctx.get('Authorization');
    ctx.state.principal = header === '' ? null : await principalOf(header, authenticate);
    return next();
  };
}

async function principalOf(header: string, authenticate: Authenticate) {
  const credential = BEARER.exec(header)?.[1];
  const principal = credential === undefined ? null : await authenticate(credential);
  if (principal !== null) return principal;
  const detail =
    'The Authorization header holds no valid credential: give "Bearer" and an access token or an API key that is not revoked.';
  throw new DeskError('unauthenticated', detail);
}
