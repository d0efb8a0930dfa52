/** The clocks of this machine. */

import { instant, wallClock } from '../core/units.js';
import { bootTicks } from './libc/clock.js';
import type { Clock } from './os.js';

/**
 * `now` is CLOCK_MONOTONIC (uv_hrtime), the same for all processes since boot: setting the
 * machine's time does not move it, and neither does a new esmd. It stands still in a suspended
 * machine.
 */
export const clock: Clock = {
  now: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return instant(seconds * 1000 + nanoseconds / 1e6);
  },
  wall: () => wallClock(Date.now()),
  bootTicks,
};
