/** Durations and sizes as a configuration writes them: a whole number and a unit. */

import { millis, type Millis } from '../core/units.js';

const DURATION_UNITS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const SIZE_UNITS = new Map([
  ['K', 2 ** 10],
  ['M', 2 ** 20],
  ['G', 2 ** 30],
  ['T', 2 ** 40],
]);

/** "250ms", "30s", "5m", "2h"; null for anything else. */
export function parseDuration(text: string): Millis | null {
  const value = parse(text, DURATION_UNITS);
  return value === null ? null : millis(value);
}

/** "64K", "512M", "2G", "1T", in bytes, by powers of 1024; null for anything else. */
export const parseSize = (text: string): number | null => parse(text, SIZE_UNITS);

/** In the largest unit that says it exactly. */
export function formatDuration(duration: Millis): string {
  const units = [...DURATION_UNITS].reverse();
  const [unit, factor] = units.find(([, ms]) => duration !== 0 && duration % ms === 0) ?? ['s', 1];
  return `${duration / factor}${unit}`;
}

function parse(text: string, units: ReadonlyMap<string, number>): number | null {
  const [, digits, unit] = /^([0-9]{1,15})([A-Za-z]{1,2})$/.exec(text) ?? [];
  const factor = units.get(unit ?? '');
  return digits === undefined || factor === undefined ? null : Number(digits) * factor;
}
