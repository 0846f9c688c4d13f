/**
 * How much this process has taken on, and whether it may take on more: requests being answered, bytes of their bodies, the
 * share of the heap that is in use, and how late the event loop is.
 *
 * What a vendor sends costs one row and is lost to nobody's screen, so it is refused last, at twice the bounds. Does not
 * promise fairness: whoever sends much takes the room of the others; a proxy in front bounds connections for each address.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { DeskError } from '../domain/errors.ts';

export interface LoadLimits {
  /** Requests that are answered at once. */
  requests: number;
  /** Bytes of bodies that are held at once. */
  bodyBytes: number;
  /** How long one body may take to arrive. */
  bodyMs: number;
}

/** What the process itself feels. */
export interface Strain {
  /** Of what the heap may grow to, 0 to 1. */
  heapShare: number;
  /** How late the event loop has come for at least two seconds, on average. */
  loopDelayMs: number;
}

export interface Load {
  readonly requests: number;
  readonly bodyBytes: number;
  /** How many requests were refused since the start. */
  readonly shed: number;
  /** Takes a request on; throws `overloaded`. */
  admit(kind: RequestKind): Admitted;
}

/** `delivery`: from a vendor, signed, stored and answered. */
export type RequestKind = 'ordinary' | 'delivery';

export interface Admitted {
  /** How long the request's body may take to arrive. */
  readonly bodyMs: number;
  /** Counts bytes of the request's body before they are kept; throws `overloaded`. */
  readonly hold: (bytes: number) => void;
  /** The request was answered, and nothing of it is held any more. */
  readonly leave: () => void;
}

const MOST_HEAP = { ordinary: 0.85, delivery: 0.95 } as const;
const MOST_DELAY_MS = { ordinary: 1_000, delivery: 5_000 } as const;
const SHARE = { ordinary: 1, delivery: 2 } as const;
const RETRY_AFTER_SECONDS = 2;

/**
 * The load of this process under `limits`.
 *
 * @example const { hold, leave } = createLoad({ requests: 500, bodyBytes: 67_108_864, bodyMs: 20_000 }).admit('ordinary');
 */
export function createLoad(limits: LoadLimits, strain: () => Strain = measureStrain()): Load {
  let [requests, bodyBytes, shed] = [0, 0, 0];
  return {
    get requests() {
      return requests;
    },
    get bodyBytes() {
      return bodyBytes;
    },
    get shed() {
      return shed;
    },
    admit(kind) {
      const { heapShare, loopDelayMs } = strain();
      if (requests >= limits.requests * SHARE[kind]) throw refusal('as many requests as it can answer at once');
      if (heapShare > MOST_HEAP[kind]) throw refusal('hardly any memory left');
      if (loopDelayMs > MOST_DELAY_MS[kind]) throw refusal('more work than it can do in time');
      requests += 1;
      let held = 0;
      return {
        bodyMs: limits.bodyMs,
        hold(bytes) {
          if (bodyBytes + bytes > limits.bodyBytes * SHARE[kind]) throw refusal('as many bodies as it can hold');
          held += bytes;
          bodyBytes += bytes;
        },
        leave() {
          requests -= 1;
          bodyBytes -= held;
        },
      };
    },
  };

  function refusal(has: string): DeskError {
    shed += 1;
    const detail = `This process has ${has}, so nothing was changed; send the same request again in ${RETRY_AFTER_SECONDS} seconds.`;
    return new DeskError('overloaded', detail, { facts: { retryAfterSeconds: RETRY_AFTER_SECONDS } });
  }
}

const RESOLUTION_MS = 20;
const LOOKED_AT_EVERY_MS = 1_000;

/** Looks at the process once a second at most, when it is asked. */
function measureStrain(): () => Strain {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let strain: Strain = { heapShare: 0, loopDelayMs: 0 };
  let lookedAt = performance.now();
  let before = 0;
  return () => {
    const at = performance.now();
    if (at - lookedAt < LOOKED_AT_EVERY_MS) return strain;
    lookedAt = at;
    const heap = getHeapStatistics();
    // Without a sample there is no mean.
    const mean = delay.count === 0 ? 0 : delay.mean / 1e6 - RESOLUTION_MS;
    // One long pause, as when a process starts or its machine was asleep, is no strain; two seconds of it are.
    strain = { heapShare: heap.used_heap_size / heap.heap_size_limit, loopDelayMs: Math.min(mean, before) };
    before = mean;
    delay.reset();
    return strain;
  };
}
