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

class RealTime implements Precedence {
  /** Refused, as in most containers, it is not asked for again. */
  #state: 'left' | 'taken' | 'refused' = 'left';

  take(): void {
    if (this.#state === 'left') this.#state = schedule('real-time') ? 'taken' : 'refused';
  }

  leave(): void {
    if (this.#state !== 'taken') return;
    this.#state = 'left';
    schedule('other');
  }
}
