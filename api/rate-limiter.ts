/**
 * Counts what each caller asked in his present window of time.
 *
 * Kept in this process: with several API processes each counts for itself, so a caller may get as many times the limit,
 * and a restart forgets. A caller who asks at the end of one window and at the beginning of the next gets up to twice the
 * limit in a short while. Above {@link REMEMBERED} callers the oldest windows are forgotten, so memory is bounded.
 */

interface Spent {
  limit: number;
  /** How many are left in this window. */
  remaining: number;
  /** Until the window ends, in whole seconds, rounded up. */
  resetSeconds: number;
  /** Whether this one was one too many. */
  exceeded: boolean;
}

export interface RateLimiter {
  /** Counts one request of `caller`. */
  spend(caller: string): Spent;
}

const REMEMBERED = 100_000;

/**
 * A limiter of `limit` requests in `windowMs` by the clock `now`, both in milliseconds.
 *
 * @example createRateLimiter(600, 60_000, Date.now).spend('user-1').remaining // 599
 */
export function createRateLimiter(limit: number, windowMs: number, now: () => number): RateLimiter {
  /** In the order in which the windows end, because all are of one length and a new window is put last. */
  const windows = new Map<string, { used: number; endsAt: number }>();
  return {
    spend(caller) {
      const at = now();
      let window = windows.get(caller);
      if (window === undefined || window.endsAt <= at) {
        windows.delete(caller);
        forget(at);
        window = { used: 0, endsAt: at + windowMs };
        windows.set(caller, window);
      }
      window.used += 1;
      return {
        limit,
        remaining: Math.max(limit - window.used, 0),
        resetSeconds: Math.max(Math.ceil((window.endsAt - at) / 1000), 1),
        exceeded: window.used > limit,
      };
    },
  };

  function forget(at: number): void {
    for (const [caller, { endsAt }] of windows) {
      if (endsAt > at && windows.size < REMEMBERED) return;
      windows.delete(caller);
    }
  }
}
