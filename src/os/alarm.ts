/** One timer, set to one instant. */

import type { Instant } from '../core/units.js';
import { systemClock } from './clock.js';
import type { Alarm } from './os.js';

/** setTimeout fires at once beyond this: node:timers, "delay". */
const longestMs = 2 ** 31 - 1;

/** Calls `onTime` when the instant has come, or earlier if it is more than 24 days away. */
export function systemAlarm(onTime: () => void): Alarm {
  let timer: NodeJS.Timeout | null = null;
  let setTo: Instant | null = null;
  return {
    set(at) {
      if (at === setTo) return;
      setTo = at;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (at === null) return;
      const wait = Math.min(Math.max(0, Math.ceil(at - systemClock.now())), longestMs);
      timer = setTimeout(() => {
        setTo = null;
        timer = null;
        onTime();
      }, wait);
    },
  };
}
