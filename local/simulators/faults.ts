/**
 * The faults that a test orders, and which call each of them hits.
 *
 * A fault hits before the vendor does anything, so a failed call changed nothing. Does not promise to simulate a call that
 * took effect and whose answer was lost.
 */
import { z } from 'zod';

export const faultSchema = z
  .strictObject({
    status: z.int().min(200).max(599).optional(),
    error: z.string().min(1).optional(),
    retryAfter: z.int().min(0).optional(),
    delayMs: z.int().min(0).max(600_000).optional(),
    drop: z.boolean().optional(),
    count: z.int().min(1).default(1),
    path: z.string().startsWith('/').optional(),
  })
  .refine(
    (fault) => fault.status !== undefined || fault.error !== undefined || fault.delayMs !== undefined || fault.drop,
    {
      error: 'a fault needs at least one of status, error, delayMs and drop',
    },
  );

/**
 * How the next `count` calls whose path starts with `path` go wrong. `error` is the vendor's own code; `retryAfter` is the
 * header of the same name in seconds (1 on a 429 unless told); `delayMs` alone delays the call and answers it normally.
 */
export type Fault = z.infer<typeof faultSchema>;

export class Faults {
  readonly #byPath = new Map<string, { fault: Fault; left: number }>();

  /** Orders a fault; it replaces the one for the same `path`, and leaves those for other paths in place. */
  put(fault: Fault): void {
    this.#byPath.set(fault.path ?? '', { fault, left: fault.count });
  }

  /** Takes the fault that this call has to suffer, the one with the longest matching path, and counts it. */
  take(path: string): Fault | undefined {
    const matching = [...this.#byPath].filter(([prefix]) => path.startsWith(prefix));
    const [hit] = matching.toSorted(([one], [other]) => other.length - one.length);
    if (hit === undefined) return undefined;
    const [prefix, ordered] = hit;
    ordered.left -= 1;
    if (ordered.left === 0) this.#byPath.delete(prefix);
    return ordered.fault;
  }

  /** Returns what is still to come, with `count` as what is left of it. */
  list(): readonly Fault[] {
    return [...this.#byPath.values()].map(({ fault, left }) => ({ ...fault, count: left }));
  }

  /** Forgets every fault. */
  clear(): void {
    this.#byPath.clear();
  }
}
