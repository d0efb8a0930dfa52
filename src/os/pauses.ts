/**
 * Whether this process was stopped for a while: by SIGSTOP, by a freezer, with the whole machine.
 * Its SIGCONT does not tell in time. The kernel hands it to any thread, and before that one has
 * told the event loop, the main thread may have seen deaths from the time of the stop.
 *
 * But to be stopped every thread has to wake up and go to sleep anew, also one that waits for
 * nothing: the number of its voluntary context switches changes then, and at no other time.
 */

import { openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { startIdleThread } from './libc/thread.js';

export interface Pauses {
  /** Whether there was a pause since the last call; costs about 10 µs. */
  since(): boolean;
}

const name = 'esmd-idle';

/** From now on. Where there can be no such thread there are no pauses. */
export function watchPauses(): Pauses {
  const status = openStatus();
  if (status === null) return { since: () => false };
  const buffer = Buffer.allocUnsafe(4096);
  let known: string | null = null;
  return {
    since() {
      const text = buffer.toString('latin1', 0, readSync(status, buffer, 0, buffer.length, 0));
      // Until it has gone to sleep for the first time the number means nothing.
      if (known === null && !text.includes('\nState:\tS')) return false;
      const now = /^voluntary_ctxt_switches:\t(\d+)$/m.exec(text)?.[1] ?? '';
      const hasPaused = known !== null && now !== known;
      known = now;
      return hasPaused;
    },
  };
}

/** The idle thread's /proc/self/task/TID/status: see proc_pid_status(5). */
function openStatus(): number | null {
  const tasks = '/proc/self/task';
  try {
    if (!startIdleThread(name)) return null;
    const task = readdirSync(tasks).find(
      (number) => readFileSync(`${tasks}/${number}/comm`, 'latin1') === `${name}\n`,
    );
    return task === undefined ? null : openSync(`${tasks}/${task}/status`, 'r');
  } catch {
    return null; // ENOENT: another thread has ended while we looked. EMFILE.
  }
}
