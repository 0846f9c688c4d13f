/** Refuses a query string that is longer than any the desk has a use for. */
import { DeskError } from '../../domain/errors.ts';
import type { Middleware } from '../context.ts';

const MOST_CHARACTERS = 4096;

export const querySize: Middleware = (ctx, next) => {
  const { length } = ctx.querystring;
  if (length <= MOST_CHARACTERS) return next();
  const detail = `The query string has ${length} characters; at most ${MOST_CHARACTERS} are taken, so ask for less at once.`;
  throw new DeskError('uri_too_long', detail);
};
