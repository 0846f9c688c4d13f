/**
 * A circuit breaker around a vendor: after five failures in a row it is left alone for thirty seconds, then asked once,
 * and by that answer left alone again or not. Kept in memory, so each process finds out for itself.
 *
 * Does not promise to spare calls that are under way when it opens.
 */
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleType } from 'cockatiel';
import { VendorError } from './vendor-error.ts';

const FAILURES = 5;
const REST_MS = 30_000;

export interface Breaker {
  /** Makes the call; throws a VendorError without making it while the vendor is left alone. */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** `halfOpen`: the next call decides. */
  state(): 'closed' | 'open' | 'halfOpen';
}

/** A breaker for `service`; only a VendorError counts as its failure. */
export function createBreaker(service: string, restMs = REST_MS): Breaker {
  const policy = circuitBreaker(handleType(VendorError), {
    halfOpenAfter: restMs,
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  return {
    async run(call) {
      try {
        return await policy.execute(call);
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        const message = `${service} is left alone for a while, after ${FAILURES} failures in a row.`;
        const retryAfterSeconds = Math.ceil(restMs / 1000);
        throw new VendorError(message, { service, status: null, retryable: true, retryAfterSeconds, reason: message });
      }
    },
    state() {
      if (policy.state === CircuitState.HalfOpen) return 'halfOpen';
      return policy.state === CircuitState.Closed ? 'closed' : 'open';
    },
  };
}
