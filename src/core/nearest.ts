/** The known word that somebody most likely meant, for "did you mean". */

/** Capitals and the choice between "-" and "_" are slips of their own, and cost nothing. */
const normal = (word: string): string => word.toLowerCase().replaceAll('-', '_');

/** Slips that a word may have: one in three letters, at least one and at most three. */
const slipsAllowed = (word: string): number =>
  Math.min(3, Math.max(1, Math.floor(word.length / 3)));

/**
 * How many letters have to be inserted, removed, replaced or swapped with their neighbour to make
 * `b` of `a` (Damerau-Levenshtein, each place edited once). Takes time and memory of both lengths
 * multiplied: compare the lengths first.
 */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = cost === 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + cost,
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The candidate nearest to `word`, the first among equals; null if none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const meant = normal(word);
  let best: string | null = null;
  let bestDistance = slipsAllowed(meant) + 1;
  let beginning: string | null = null;
  for (const candidate of candidates) {
    const known = normal(candidate);
    if (meant.length >= 3 && known.startsWith(meant)) beginning ??= candidate;
    // This also keeps a word of a megabyte from being compared letter by letter.
    if (Math.abs(known.length - meant.length) >= bestDistance) continue;
    const found = distance(meant, known);
    // A word that shares no letter is not a slip of another.
    if (found < bestDistance && found < Math.max(meant.length, known.length)) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best ?? beginning;
}
