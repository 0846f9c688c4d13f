/** Tells an unreachable database from a mistake of ours. */

/** Classes of SQLSTATE that mean "not now": connection failures, no resources left, too slow, an operator's shutdown. */
const NOT_NOW = /^(08...|53...|57014|57P0[1-5])$/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);
/** What `pg` says without a code. */
const WORDS =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|connection error and is not queryable/i;

/** Whether `error` says that the database cannot be reached now. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some((one) => isDatabaseDown(one))) return true;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return NOT_NOW.test(code) || NETWORK.has(code);
  return WORDS.test(error.message);
}
