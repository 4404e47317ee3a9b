/** The known word that is most like `word`; undefined where none is like it. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  if (word.length > 128) return undefined;
  for (const each of known) {
    const edits = distance(word.toLowerCase(), each.toLowerCase());
    if (edits < least) [best, least] = [each, edits];
  }
  return best;
}

/**
 * How many letters must be added, removed, replaced or swapped with their neighbour to make one of the other
 * (optimal string alignment, after Damerau 1964).
 */
function distance(one: string, other: string): number {
  let previous: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next.push(Math.min(
        (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1),
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        isSwapped ? (previous[j - 2] ?? 0) + 1 : Infinity,
      ));
    }
    [previous, row] = [row, next];
  }
  return row.at(-1) ?? 0;
}
