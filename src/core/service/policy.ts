/** Restart policy: the numbers behind back-off, giving up and trying again. Nothing else. */

import type { Instant, Millis } from '../units.js';
import { millis } from '../units.js';
import type { RestartPolicy } from './spec.js';

/** How often a daemon that is expected to appear is looked for: the only polling, and bounded. */
export const searchInterval = millis(100);

/** How long an ambiguous match is left alone where no retry interval is set. */
export const ambiguousInterval = millis(30_000);

/** How long the kernel has to say how a process ended that is not our child, before we say unknown. */
export const statusWait = millis(1000);

/** How much longer than stop_timeout a planned stop may take before that is worth a warning. */
export const announcedStopGrace = millis(60_000);

/** The interval between tries grows up to this many times the configured one. */
const intervalGrowth = 10;

/** The failures that still count at `now`: those younger than the window. */
export const withinWindow = (
  failures: readonly Instant[],
  policy: RestartPolicy,
  now: Instant,
): readonly Instant[] => failures.filter((at) => now - at < policy.window);

/** More failures than the limit within the window, or in a row. */
export const isTooMany = (
  failures: readonly Instant[],
  inRow: number,
  policy: RestartPolicy,
): boolean => failures.length > policy.limit || inRow > policy.limit;

/**
 * The wait before the start that follows the `n`th failure in a row, counted from 1: none after
 * the first, then `delay`, doubling up to `delayMax`.
 */
export function backoffDelay(n: number, policy: RestartPolicy): Millis {
  if (n <= 1) return millis(0);
  return doubled(policy.delay, n - 2, policy.delayMax);
}

/** The wait after the `n`th start in a row that failed for lack of resources; never none. */
export const shortageDelay = (n: number, policy: RestartPolicy): Millis =>
  doubled(millis(Math.max(policy.delay, 100)), n - 1, millis(Math.max(policy.delayMax, 1000)));

/** The next interval after a try has failed: twice the last, at most ten times the first. */
export const nextInterval = (interval: Millis, base: Millis): Millis =>
  millis(Math.min(interval * 2, base * intervalGrowth));

function doubled(first: Millis, times: number, limit: Millis): Millis {
  // 2^31 times anything is past every limit, and further doubling would overflow.
  return millis(Math.min(first * 2 ** Math.min(times, 31), Math.max(first, limit)));
}
