/** The clocks that Node does not read. */

import { libc, pointerSize } from './library.js';

const clockCall: (clock: number, time: ArrayBufferView) => number = libc.func(
  'int clock_gettime(int clock, void *time)',
);

/** clock_gettime(2): room for a struct timespec, whatever the width of its numbers. */
export const timeSize = 16;

/** Reads a clock in the form of the C library; false if there is none of this number. */
export const readClock = (clock: number, time: ArrayBufferView): boolean =>
  clockCall(clock, time) === 0;

const CLOCK_BOOTTIME = 7;
/** A struct timespec in words of 32 bits; the upper half of the nanoseconds is zero. */
const time = new Uint32Array(timeSize / 4);
const atNanoseconds = pointerSize / 4;

/** USER_HZ is 100 on all machines that Node runs on. */
const ticksPerSecond = 100;

/** The time since boot, suspension included, as /proc/PID/stat has it: rounded down to ticks. */
export function bootTicks(): number {
  clockCall(CLOCK_BOOTTIME, time);
  // The lower half of the seconds lasts for 136 years of uptime.
  const [seconds = 0, nanoseconds = 0] = [time[0], time[atNanoseconds]];
  return seconds * ticksPerSecond + Math.floor((nanoseconds / 1e9) * ticksPerSecond);
}
