/** What the kernel counts of a process, by its number on the host. */

import { readdirSync, readFileSync } from 'node:fs';

/** Context switches of all its threads so far; proc_pid_status(5). */
export function contextSwitches(hostPid: number): number {
  const folder = `/proc/${hostPid}/task`;
  const counts = readdirSync(folder).flatMap((thread) => {
    const status = readFileSync(`${folder}/${thread}/status`, 'latin1');
    return [...status.matchAll(/ctxt_switches:\t(\d+)$/gm)].map(([, count]) => Number(count));
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Megabytes. `private`: what would be freed if it ended. */
export type Memory = Readonly<{ rss: number; pss: number; private: number }>;

/** See smaps_rollup in proc_pid_smaps(5). */
export function memoryOf(hostPid: number): Memory {
  const text = readFileSync(`/proc/${hostPid}/smaps_rollup`, 'latin1');
  const megabytes = (key: string): number =>
    Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
  return {
    rss: megabytes('Rss'),
    pss: megabytes('Pss'),
    private: megabytes('Private_Clean') + megabytes('Private_Dirty'),
  };
}
