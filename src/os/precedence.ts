/**
 * Whose turn it is when the processors are busy: with a daemon that spins, or with hundreds that die
 * and start at once. Who is to notice and to answer that must not queue behind them. See sched(7).
 */

import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { isScheduledAsOthers, schedule } from './libc/process.js';
import type { Precedence } from './os.js';
import { readStat } from './process-stat.js';

/** Nine times the share of a process of nice value 0. */
const nice = -10;

/**
 * Gives the calling thread, and its session, a nice value of -10, and what takes it further. What it
 * starts from now on, threads included, has 0 and is not in real time. Nothing happens if whoever
 * started us has given us another value or policy, which is then our children's as well, where it may
 * not be done, or with musl.
 */
export function openPrecedence(): Precedence {
  try {
    if (getPriority() !== 0 || !isScheduledAsOthers() || !schedule('other')) return none;
    setPriority(nice);
  } catch {
    return none; // EACCES without CAP_SYS_NICE, as in a container.
  }
  setNiceOfSession();
  return new RealTime();
}

const none: Precedence = { take: () => undefined, leave: () => undefined };

/**
 * Where each session shares in the processors as one, nice values count only within it. What we start
 * has a session of its own; init's is not ours to change.
 */
function setNiceOfSession(): void {
  try {
    if (readStat('/proc/self')?.session !== process.pid) return;
    writeFileSync('/proc/self/autogroup', String(nice));
  } catch {
    // ENOENT without CONFIG_SCHED_AUTOGROUP.
  }
}

class RealTime implements Precedence {
  /** Refused, as in a cgroup without a share of real time, it is not asked for again. */
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
