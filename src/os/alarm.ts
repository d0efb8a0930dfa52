/** One timer, set to an instant. */

import type { Instant } from '../core/units.js';
import type { Alarm, Clock } from './os.js';

/** Node takes a longer delay for 1 ms. See setTimeout of node:timers. */
const longestMs = 2 ** 31 - 1;

/** Calls `elapse` once for each instant that was set and has come; never from within set(). */
export function createAlarm(clock: Clock, elapse: () => void): Alarm {
  return new TimeoutAlarm(clock, elapse);
}

class TimeoutAlarm implements Alarm {
  readonly #clock: Clock;
  readonly #elapse: () => void;
  #at: Instant | null = null;
  #timeout: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;

  constructor(clock: Clock, elapse: () => void) {
    this.#clock = clock;
    this.#elapse = elapse;
  }

  set(at: Instant | null): void {
    if (at === this.#at) return;
    this.#disarm();
    this.#at = at;
    if (at !== null) this.#arm(at);
  }

  #arm(at: Instant): void {
    const ms = at - this.#clock.now();
    if (ms <= 0) this.#immediate = setImmediate(this.#ring);
    // libuv counts whole milliseconds from the beginning of its turn: rounded down it would ring
    // early, again and again.
    else this.#timeout = setTimeout(this.#ring, Math.min(Math.ceil(ms), longestMs));
  }

  #disarm(): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timeout = null;
    this.#immediate = null;
  }

  readonly #ring = (): void => {
    this.#disarm();
    const at = this.#at;
    if (at === null) return;
    if (at > this.#clock.now()) {
      this.#arm(at); // Early by less than a millisecond, or farther away than a timer reaches.
      return;
    }
    this.#at = null;
    this.#elapse();
  };
}
