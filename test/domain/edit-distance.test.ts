import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance } from '../../domain/edit-distance.ts';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['Hello Grace, it is on its way.', 'Hello Grace, it is on its way!', 1],
  ['👍🏽 yes', '👎 yes', 2],
])('from %j to %j it is %i', (before, after, distance) => {
  expect(editDistance(before, after)).toBe(distance);
});

/** As the definition has it, without any shortcut. */
function plain(a: string[], b: string[]): number {
  const [x, ...restA] = a;
  const [y, ...restB] = b;
  if (x === undefined) return b.length;
  if (y === undefined) return a.length;
  if (x === y) return plain(restA, restB);
  return 1 + Math.min(plain(restA, b), plain(a, restB), plain(restA, restB));
}

test('it is what the definition says', () => {
  const word = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a.join(''), b.join(''))).toBe(plain(a, b));
    }),
  );
});

test('it is the same both ways, and never more than the longer text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const distance = editDistance(a, b);
      expect(editDistance(b, a)).toBe(distance);
      expect(distance).toBeLessThanOrEqual(Math.max(Array.from(a).length, Array.from(b).length));
      expect(distance === 0).toBe(a === b);
    }),
  );
});

test('texts of a hundred thousand characters are told apart in a moment', () => {
  const before = performance.now();
  expect(editDistance('a'.repeat(100_000), 'b'.repeat(100_000))).toBe(100_000);
  expect(editDistance('x'.repeat(100_000), `${'x'.repeat(99_999)}y`)).toBe(1);
  expect(performance.now() - before).toBeLessThan(5_000);
});
