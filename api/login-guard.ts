/**
 * Slows down guessing: after five failures for an e-mail address from one network address, each further failure doubles
 * the wait. Kept in this process: several API processes each count for themselves, and a restart forgets.
 */
import { DeskError } from '../domain/errors.ts';

const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Above this, the oldest are forgotten, so that made-up addresses cannot fill the memory. */
const REMEMBERED = 10_000;

export interface LoginGuard {
  /** Counts an attempt as failed until it succeeds; throws `too_many_requests` while the wait lasts. */
  begin(email: string, ip: string): { succeeded(): void };
}

/** A guard by the clock `now`, in milliseconds since 1970. */
export function createLoginGuard(now: () => number): LoginGuard {
  const attempts = new Map<string, { failures: number; until: number }>();
  return {
    begin(email, ip) {
      const key = JSON.stringify([email, ip]);
      const { failures, until } = attempts.get(key) ?? { failures: 0, until: 0 };
      const left = until - now();
      if (left > 0) throw refusal(Math.ceil(left / 1000));
      attempts.delete(key);
      // Counted before the password is looked at, so that guesses sent at once are counted too.
      attempts.set(key, { failures: failures + 1, until: now() + waitAfter(failures + 1) });
      const [oldest] = attempts.keys();
      if (attempts.size > REMEMBERED && oldest !== undefined) attempts.delete(oldest);
      return { succeeded: () => void attempts.delete(key) };
    },
  };
}

function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - FREE_FAILURES, 10), LONGEST_WAIT_MS);
}

function refusal(retryAfterSeconds: number): DeskError {
  const detail = `Too many attempts to sign in as this user from here; try again in ${retryAfterSeconds} seconds.`;
  return new DeskError('too_many_requests', detail, { facts: { retryAfterSeconds } });
}
