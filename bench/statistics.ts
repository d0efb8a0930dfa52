/** A few numbers about many. */

/** The value below which a share of them lies, by the nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length)));
  return sorted[rank - 1] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const highest = (values: readonly number[]): number => Math.max(...values);

/** Nanoseconds to milliseconds. */
export const toMs = (ns: number | bigint): number => Number(ns) / 1e6;
