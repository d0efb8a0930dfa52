/**
 * When hundreds of processes die at once. Each needs a processor to die, and who is started meanwhile
 * waits behind them all, and we for it: posix_spawn(3) returns after exec. That was 30 ms. So starts
 * wait until nobody is dying any more, and deaths are heard of meanwhile.
 */

import type { Instant } from '../core/units.js';

/** So many that die at once may be the first of hundreds. */
const several = 2;
/** It is over when so long no death was heard of; starts wait for no longer than the other. ms. */
const calmMs = 2;
const mostMs = 50;

export class Flood {
  /** Deaths without a calm between them. */
  #deaths = 0;
  #last = -Infinity;
  /** Since when starts have been waiting, and when they last had to. */
  #since = -Infinity;
  #waited = -Infinity;

  /** So many deaths have been heard of. */
  hear(deaths: number, now: Instant): void {
    if (deaths === 0) return;
    if (this.#isCalm(now)) this.#deaths = 0;
    this.#deaths += deaths;
    this.#last = now;
  }

  /** Whether something may be started; `hasNews`: there are deaths to be heard of first. */
  mayStart(hasNews: boolean, now: Instant): boolean {
    if (!hasNews && (this.#deaths < several || this.#isCalm(now))) {
      this.#waited = -Infinity;
      return true;
    }
    // Nobody may have asked since the last flood was over.
    if (now - this.#waited >= mostMs) this.#since = now;
    this.#waited = now;
    return now - this.#since >= mostMs;
  }

  #isCalm(now: Instant): boolean {
    return now - this.#last >= calmMs;
  }
}
