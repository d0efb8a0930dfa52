/**
 * Whose turn it is when the processors are busy: with hundreds of daemons that start at once, or one
 * that spins, who is to notice a death must not queue behind them. See sched(7).
 */

import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { resetOnFork } from './libc/process.js';
import { readStat } from './process-stat.js';

/** Nine times the share of a process of nice value 0; no real-time scheduling, which starves others. */
const nice = -10;

/**
 * Of the calling thread alone: its children and other threads have the nice value 0. Nothing happens
 * if whoever started us has given us another one, which is then our children's as well, or where
 * it may not be done.
 */
export function takePrecedence(): void {
  try {
    if (getPriority() !== 0) return;
    if (resetOnFork()) setPriority(nice);
    // Where each session shares in the processors as one, nice values count only within it. What we
    // start has a session of its own; init's is not ours to change.
    if (readStat('/proc/self')?.session === process.pid) {
      writeFileSync('/proc/self/autogroup', String(nice));
    }
  } catch {
    // EPERM without CAP_SYS_NICE, as in a container; ENOENT without CONFIG_SCHED_AUTOGROUP.
  }
}
