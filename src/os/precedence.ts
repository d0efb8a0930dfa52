/**
 * Whose turn it is when the processors are busy with hundreds of daemons that die and start at once:
 * who is to answer that must not queue behind them. See sched(7).
 */

import { getPriority } from 'node:os';
import { isScheduledAsOthers, schedule } from './libc/process.js';
import type { Precedence } from './os.js';

/**
 * Of the calling thread: what it starts meanwhile, threads included, does not have it. Nobody has it
 * if whoever started us has given us a nice value or a policy, which is our children's as well.
 */
export const openPrecedence = (): Precedence =>
  getPriority() === 0 && isScheduledAsOthers() ? new RealTime() : none;

const none: Precedence = { take: () => undefined, leave: () => undefined };

/** Refused, as in most containers, it is not asked for again. */
class RealTime implements Precedence {
  #hasIt = false;
  #mayHaveIt = true;

  take(): void {
    if (this.#hasIt || !this.#mayHaveIt) return;
    this.#hasIt = this.#mayHaveIt = schedule('real-time');
  }

  leave(): void {
    if (!this.#hasIt) return;
    this.#hasIt = false;
    schedule('other');
  }
}
