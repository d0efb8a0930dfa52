/** The entries of each key, in order; those whose key is null are left out. */
export function groupBy<K, T>(
  entries: Iterable<T>,
  keyOf: (entry: T) => K | null,
): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}
