/** Lengths and points of time for people. */

const steps: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** `3d`, `2h`, `10m`, `7s`, or `0s`, also where a clock was set back. One unit says enough. */
export function span(ms: number): string {
  for (const [size, unit] of steps) if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  return '0s';
}

/** How long ago an ISO 8601 time was; as it is written if it is none. */
export function ago(time: string, now: number): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : span(now - at);
}

/** `16:24:07.123` in the time zone of the reader, after `2026-03-01` if that is not today. */
export function clockTime(ms: number, now: number): string {
  const at = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const isToday = at.toDateString() === new Date(now).toDateString();
  return `${isToday ? '' : `${day} `}${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** `2026-03-01T12:00:00.000Z`; a number beyond what dates can be is shown as it is. */
export function isoTime(ms: number): string {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? String(ms) : at.toISOString();
}
