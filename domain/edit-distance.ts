/**
 * How far an edited text is from what was proposed: Levenshtein's distance, in characters.
 *
 * Does not promise to be exact for long rewritings: of what is left between a common beginning and a common end, what goes
 * beyond two thousand characters on either side counts as rewritten.
 */
const LONGEST = 2_000;

/** The least number of characters that are put in, taken out or exchanged to make `after` of `before`. */
export function editDistance(before: string, after: string): number {
  const [a, b] = [codePoints(before), codePoints(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [left, right] = [a.subarray(start, a.length - end), b.subarray(start, b.length - end)];
  const beyond = Math.max(left.length - LONGEST, right.length - LONGEST, 0);
  return between(left.subarray(0, LONGEST), right.subarray(0, LONGEST)) + beyond;
}

/** One row of the table at a time: `row[j]` is the distance from what was read of `a` to the first `j` of `b`. */
function between(a: Uint32Array, b: Uint32Array): number {
  const row = Uint32Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    let diagonal = i;
    let newest = i + 1;
    row[0] = newest;
    for (let j = 0; j < b.length; j += 1) {
      const above = row[j + 1] ?? 0;
      const exchanged = a[i] === b[j] ? diagonal : diagonal + 1;
      newest = Math.min(exchanged, above + 1, newest + 1);
      row[j + 1] = newest;
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}

function codePoints(text: string): Uint32Array {
  return Uint32Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}
