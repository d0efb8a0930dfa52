/**
 * What processes use, read from /proc for the metrics and the bench. Cheap enough to be read when
 * somebody asks (0.5 ms for this process, 20 µs for another), so nothing is sampled meanwhile.
 */

import { listFiles, readOnce } from './proc-file.js';
import type { Pid } from '../core/units.js';

/** Memory in bytes; null where the kernel does not tell. */
export type OwnVitals = Readonly<{
  rssBytes: number | null;
  /** Shared pages counted by their share. Linux ≥ 4.14. */
  pssBytes: number | null;
  /** Pages that nobody else has: what would be free again without this process. */
  privateBytes: number | null;
  /** User and system time. */
  cpuSeconds: number;
  openFiles: number | null;
  /** How often any of its threads has waited: grows only when something wakes it up. */
  wakeUps: number;
}>;

export function ownVitals(): OwnVitals {
  const memory = readOnce('/proc/self/smaps_rollup')?.toString('latin1') ?? '';
  const clean = kibibytes(memory, 'Private_Clean');
  const dirty = kibibytes(memory, 'Private_Dirty');
  const { user, system } = process.cpuUsage(); // In microseconds.
  return {
    rssBytes: kibibytes(memory, 'Rss'),
    pssBytes: kibibytes(memory, 'Pss'),
    privateBytes: clean === null || dirty === null ? null : clean + dirty,
    cpuSeconds: (user + system) / 1e6,
    openFiles: listFiles('/proc/self/fd')?.length ?? null,
    wakeUps: process.resourceUsage().voluntaryContextSwitches,
  };
}

export type ProcessVitals = Readonly<{
  rssBytes: number | null;
  threads: number;
  /** User and system time of the process itself, without its children. */
  cpuSeconds: number;
}>;

/** Null if there is no such process. */
export function processVitals(pid: Pid): ProcessVitals | null {
  const status = readOnce(`/proc/${pid}/status`)?.toString('latin1');
  const stat = readOnce(`/proc/${pid}/stat`)?.toString('latin1');
  if (status === undefined || stat === undefined) return null;
  // proc_pid_stat(5): utime and stime are fields 14 and 15, and the first after the name is 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 13);
  return {
    rssBytes: kibibytes(status, 'VmRSS'),
    threads: Number(/^Threads:\t(\d+)$/m.exec(status)?.[1] ?? 0),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
  };
}

/** USER_HZ, which is 100 on all machines that Node runs on. */
const ticksPerSecond = 100;

function kibibytes(text: string, name: string): number | null {
  const count = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return count === undefined ? null : Number(count) * 1024;
}
