/** What one process is, beyond its number. */

import type { Pid } from './units.js';

/**
 * One process. `startTime` is field 22 of /proc/PID/stat (clock ticks since boot): with the boot
 * id, which the table carries once, it makes the pair unique where the number alone is reused.
 */
export type Process = Readonly<{
  pid: Pid;
  startTime: number;
  /** A child is reaped by us, and its exit status is always known. */
  origin: 'child' | 'adopted';
}>;

export const isSameProcess = (a: Process, b: Process): boolean =>
  a.pid === b.pid && a.startTime === b.startTime;

/** How a process ended. `unknown`: not our child, and the kernel does not say (Linux < 6.15). */
export type ExitStatus =
  | Readonly<{ type: 'code'; code: number }>
  | Readonly<{ type: 'signal'; signal: string }>
  | Readonly<{ type: 'unknown' }>;

/** "exit status 1", "killed by SIGKILL", "exit status unknown". */
export function describeExit(status: ExitStatus): string {
  switch (status.type) {
    case 'code':
      return `exit status ${status.code}`;
    case 'signal':
      return `killed by ${status.signal}`;
    case 'unknown':
      return 'exit status unknown';
  }
}
