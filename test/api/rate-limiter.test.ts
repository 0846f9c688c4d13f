import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimiter } from '../../api/rate-limiter.ts';

test('whoever asks, and whenever: nobody gets more than the limit in one of his windows, and what is told is true', () => {
  const asks = fc.array(fc.record({ caller: fc.constantFrom('a', 'b', 'c'), wait: fc.nat({ max: 40 }) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), asks, (limit, all) => {
      let at = 0;
      const limiter = createRateLimiter(limit, 100, () => at);
      const windows = new Map<string, { endsAt: number; taken: number }>();
      for (const { caller, wait } of all) {
        at += wait;
        const known = windows.get(caller);
        const window = known === undefined || known.endsAt <= at ? { endsAt: at + 100, taken: 0 } : known;
        windows.set(caller, window);
        const { exceeded, remaining, resetSeconds } = limiter.spend(caller);
        expect(exceeded).toBe(window.taken === limit);
        if (!exceeded) window.taken += 1;
        expect([remaining, resetSeconds]).toEqual([limit - window.taken, 1]);
      }
    }),
  );
});

test('callers who are made up do not push out those who are in the middle of their window, until there are very many', () => {
  const limiter = createRateLimiter(1, 60_000, () => 0);
  limiter.spend('ada');
  for (let one = 0; one < 50_000; one += 1) limiter.spend(`made up ${one}`);
  expect(limiter.spend('ada').exceeded).toBe(true);
});
