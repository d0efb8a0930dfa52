/**
 * Signals to processes without a pidfd, and to groups on kernels before Linux 6.9. An open folder
 * /proc/PID belongs to one process for ever: reading through it fails with ESRCH once that process
 * is gone, also if the number is in use again.
 */

import { closeSync, constants as fs, openSync } from 'node:fs';
import { constants } from 'node:os';
import { errorCode } from './error-code.js';
import { kill, pidfdSendSignal } from './libc/process.js';
import { listProcesses } from './proc-file.js';
import { readStat, type ProcessStat } from './process-stat.js';

const { ESRCH } = constants.errno;

/** How often new members of a group are looked for: one that forks for ever is not outrun. */
const rounds = 10;

/** Opens /proc/PID; null if there is no such process. Throws if descriptors run out. */
export function openFolder(pid: number): number | null {
  try {
    return openSync(`/proc/${pid}`, fs.O_RDONLY | fs.O_DIRECTORY);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

/** The folder of an open descriptor, as a path. */
export const throughDescriptor = (fd: number): string => `/proc/self/fd/${fd}`;

/** Signals the process that an open /proc/PID folder belongs to: 0 or a negative errno. */
export function signalByFolder(folder: number, pid: number, signal: number): number {
  // pidfd_send_signal(2) takes such a folder for a pidfd.
  const result = pidfdSendSignal(folder, signal, 0);
  if (result >= 0 || result === -ESRCH) return result;
  // Linux < 5.1 has no such call: what remains is to look as late as possible.
  return readStat(throughDescriptor(folder)) === null ? -ESRCH : kill(pid, signal);
}

/**
 * Signals every member of the process group that a held process leads or led: 0, -ESRCH if there
 * is none, or the first other negative errno. `isReaped`: whether the number is not its own any
 * more. Then another may have led a group of that number and be gone as well, so that nobody knows
 * whose the members are: none is signalled.
 */
export function signalMembers(group: number, isReaped: () => boolean, signal: number): number {
  return signalEach(
    () => listProcesses().map(Number),
    (_, stat) => stat.group === group && !isReaped(),
    signal,
  );
}

/**
 * Signals each of the `candidates` that belongs, once, and looks again for those that were forked
 * meanwhile. Whether one belongs is asked while its folder is open, so it is true of the process
 * that is signalled. The result is that of signalMembers.
 */
export function signalEach(
  candidates: () => readonly number[],
  belongs: (pid: number, stat: ProcessStat) => boolean,
  signal: number,
): number {
  const seen = new Set<string>();
  let result = -ESRCH;
  for (let round = 0; round < rounds; round++) {
    const before = seen.size;
    for (const pid of candidates()) {
      const answer = signalOne(pid, belongs, signal, seen);
      result = worse(result, answer);
    }
    if (seen.size === before) break;
  }
  return result;
}

function signalOne(
  pid: number,
  belongs: (pid: number, stat: ProcessStat) => boolean,
  signal: number,
  seen: Set<string>,
): number {
  const folder = openFolder(pid);
  if (folder === null) return -ESRCH;
  try {
    const stat = readStat(throughDescriptor(folder));
    if (stat === null || stat.isZombie || !belongs(pid, stat)) return -ESRCH;
    const identity = `${pid} ${stat.startTime}`;
    if (seen.has(identity)) return -ESRCH;
    seen.add(identity);
    return signalByFolder(folder, pid, signal);
  } finally {
    closeSync(folder);
  }
}

/** A failure outweighs a success, and both outweigh that there was nobody. */
function worse(a: number, b: number): number {
  if (b === -ESRCH) return a;
  return a === -ESRCH || a === 0 ? b : a;
}
