/**
 * How often esmd itself was started lately. sysvinit disables an entry for five minutes at its
 * tenth start within 120 s, whatever the exit code, so a crash that repeats itself has to be slow.
 */

import type { Instant } from '../core/units.js';

const windowMs = 120_000;
/** From this start on something is wrong, and the table may be what is. */
const suspicious = 5;
/** sysvinit's MAXSPAWN is 10. */
const mostInWindow = 9;
const shortestWaitMs = 13_000;

export type Starts = Readonly<{
  bootId: string;
  /** Monotonic, in milliseconds, oldest first. */
  at: readonly number[];
}>;

/** The record with this start in it; one from another boot, or nonsense, counts nothing. */
export function withStart(text: string | null, bootId: string, now: Instant): Starts {
  const known = text === null ? null : parse(text);
  const at = known?.bootId === bootId ? known.at : [];
  const recent = at.filter((instant) => instant <= now && now - instant < windowMs);
  return { bootId, at: [...recent, now].slice(-20) };
}

/**
 * How long to wait before anything that a further crash could repeat; 0: not at all. Long enough
 * that no ten starts lie within 120 s.
 */
export function waitAfter({ at }: Starts, now: Instant): number {
  if (at.length < suspicious) return 0;
  const ninthLast = at.at(-mostInWindow);
  const untilRoom = ninthLast === undefined ? 0 : ninthLast + windowMs + 1000 - now;
  return Math.max(shortestWaitMs, untilRoom);
}

function parse(text: string): Starts | null {
  try {
    const { bootId, at } = JSON.parse(text) as Partial<Record<keyof Starts, unknown>>;
    const isSound =
      typeof bootId === 'string' && Array.isArray(at) && at.every((one) => Number.isFinite(one));
    return isSound ? { bootId, at: at as number[] } : null;
  } catch {
    return null;
  }
}
