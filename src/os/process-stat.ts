/** What /proc/PID/stat says about one process, whichever way its folder is reached. */

import { readOnce } from './proc-file.js';

/** See proc_pid_stat(5). */
export type ProcessStat = Readonly<{
  /** Process group: the number of its leader. */
  group: number;
  /** Clock ticks since boot. */
  startTime: number;
  /** Ended and not reaped. A first thread that has ended shows Z while other threads live on. */
  isZombie: boolean;
}>;

/**
 * Reads `folder`/stat, where `folder` is /proc/PID, or /proc/self/fd/N for an open folder of it.
 * Null if the process is gone.
 */
export function readStat(folder: string): ProcessStat | null {
  const text = readOnce(`${folder}/stat`)?.toString('latin1');
  if (text === undefined) return null;
  // Field 2 is the name in parentheses, which may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
  const state = fields[0];
  return {
    group: Number(fields[2]),
    startTime: Number(fields[19]),
    isZombie: (state === 'Z' && Number(fields[17]) <= 1) || state === 'X',
  };
}
