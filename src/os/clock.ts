/** The clocks: monotonic for everything that is decided, wall-clock only for display. */

import { instant, wallClock } from '../core/units.js';
import type { Clock } from './os.js';

export const systemClock: Clock = {
  // CLOCK_MONOTONIC, the same origin for every process of a boot, so that the table may hold it.
  now: () => instant(Number(process.hrtime.bigint() / 1000n) / 1000),
  wall: () => wallClock(Date.now()),
};
