/**
 * Whether this process was stopped for a while: by SIGSTOP, by a freezer, with the whole machine.
 * Its SIGCONT does not tell in time. The kernel hands it to any thread, and before that one has
 * told the event loop, the main thread may have seen deaths from the time of the stop.
 *
 * But to be stopped every thread has to wake up and go to sleep anew, also one that waits for
 * nothing: the time for which it has run grows then, and at no other time.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { timeSize } from './libc/clock.js';
import { readThreadTime, startIdleThread } from './libc/thread.js';

export interface Pauses {
  /**
   * Whether there was a pause since the last call; costs about 1 µs. Asked before the idle thread
   * has gone to sleep again it says so twice, and never not at all.
   */
  since(): boolean;
}

const name = 'esmd-idle';
const tasks = '/proc/self/task';

/** From now on. Where there can be no such thread there are no pauses. */
export function watchPauses(): Pauses {
  const thread = startThread();
  if (thread === null) return { since: () => false };
  const known = new Uint32Array(timeSize / 4);
  const now = new Uint32Array(timeSize / 4);
  let isAsleep = false;
  return {
    since() {
      // Until it has gone to sleep for the first time its time means nothing.
      const wasAsleep = isAsleep;
      isAsleep ||= sleeps(thread);
      if (!isAsleep || !readThreadTime(thread, now)) return false;
      const hasRun = now.some((part, index) => part !== known[index]);
      if (hasRun) known.set(now);
      return wasAsleep && hasRun;
    },
  };
}

/** Its number, as in /proc/self/task. */
function startThread(): number | null {
  try {
    if (!startIdleThread(name)) return null;
    const thread = readdirSync(tasks).find(
      (number) => readFileSync(`${tasks}/${number}/comm`, 'latin1') === `${name}\n`,
    );
    return thread === undefined ? null : Number(thread);
  } catch {
    return null; // ENOENT: another thread has ended while we looked. EMFILE.
  }
}

/** proc_pid_stat(5): the state is what follows the name. */
function sleeps(thread: number): boolean {
  try {
    return readFileSync(`${tasks}/${thread}/stat`, 'latin1').includes(') S ');
  } catch {
    return false; // EMFILE.
  }
}
