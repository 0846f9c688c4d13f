/**
 * Who follows the desk at this process, and for how long he may: until his token ends, or he is told of by a name of his
 * (user, session, key), or his rows say something else than when he came.
 */
import { isDeepStrictEqual } from 'node:util';
import { DeskError } from '../../domain/errors.ts';
import type { Principal } from '../principal.ts';
import type { Ending, Outlet } from './outlet.ts';

export interface SeatLimits {
  /** Of one principal. */
  perPrincipal: number;
  /** In this process. */
  all: number;
}

export interface Seat {
  /** Who he is; may be put right before he is told anything. */
  principal: Principal;
  /** Where the follower is told; he is ended at once when that was decided before he had an outlet. */
  sit(outlet: Outlet): void;
  leave(): void;
}

export interface Seats {
  readonly count: number;
  /** A seat for `principal`; throws `too_many_requests`, or `overloaded` when no seat is left or the process stops. */
  take(principal: Principal): Seat;
  /** Ends whoever has `id` as user, session or key. */
  endWith(id: string): void;
  /** Ends whoever is no longer who he was, by `recall`; throws when that cannot be told. */
  review(recall: (principal: Principal) => Promise<Principal | null>): Promise<void>;
  /** Ends everybody and takes nobody more; resolves when all are gone, `patienceMs` later at most. */
  close(patienceMs: number): Promise<void>;
}

interface Place extends Seat {
  outlet: Outlet | null;
  ended: Ending | null;
  end(why: Ending, patienceMs?: number): Promise<void>;
}

/** How many are asked for at once. */
const AT_ONCE = 10;
const RETRY_AFTER_SECONDS = 30;

/** The seats of one process; `now` is in milliseconds since 1970. */
export function createSeats({ perPrincipal, all }: SeatLimits, now: () => number): Seats {
  const taken = new Set<Place>();
  let closed = false;

  function refuse(principal: Principal): void {
    if (closed || taken.size >= all) {
      const detail = `This process has no more than ${all} followers${closed ? ', and is about to stop' : ''}; connect again in a while.`;
      throw new DeskError('overloaded', detail);
    }
    const own = [...taken].filter((seat) => seat.principal.id === principal.id).length;
    if (own < perPrincipal) return;
    const detail = `You follow the desk over ${own} connections already; close one of them, ${perPrincipal} is the most.`;
    throw new DeskError('too_many_requests', detail, { facts: { retryAfterSeconds: RETRY_AFTER_SECONDS } });
  }

  return {
    get count() {
      return taken.size;
    },
    take(principal) {
      refuse(principal);
      const seat: Place = {
        principal,
        outlet: null,
        ended: null,
        sit(outlet) {
          seat.outlet = outlet;
          if (seat.ended !== null) void outlet.end(seat.ended);
        },
        leave() {
          clearTimeout(expiry);
          taken.delete(seat);
        },
        async end(why, patienceMs) {
          seat.ended = why;
          await seat.outlet?.end(why, patienceMs);
        },
      };
      const { expiresAt } = principal;
      const expiry = expiresAt === null ? undefined : setTimeout(() => void seat.end('signedOut'), expiresAt - now());
      expiry?.unref();
      taken.add(seat);
      return seat;
    },
    endWith(id) {
      for (const seat of taken) {
        const { userId, sessionId, keyId } = seat.principal;
        if (id === userId || id === sessionId || id === keyId) void seat.end('signedOut');
      }
    },
    async review(recall) {
      const line = [...taken].values();
      const reviewers = Array.from({ length: AT_ONCE }, async () => {
        for (const seat of line) {
          if (!isSame(await recall(seat.principal), seat.principal)) void seat.end('signedOut');
        }
      });
      await Promise.all(reviewers);
    },
    async close(patienceMs) {
      closed = true;
      await Promise.all([...taken].map((seat) => seat.end('stopping', patienceMs)));
    },
  };
}

/** Whether both may the same and see the same; what somebody is called matters to nobody here. */
function isSame(one: Principal | null, other: Principal): boolean {
  return (
    one !== null &&
    isDeepStrictEqual({ ...one, name: null, expiresAt: null }, { ...other, name: null, expiresAt: null })
  );
}
