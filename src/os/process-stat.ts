/** What /proc/PID/stat says about one process, whichever way its folder is reached. */

import { readOnce } from './proc-file.js';

/** See proc_pid_stat(5). */
export type ProcessStat = Readonly<{
  parent: number;
  /** Process group: the number of its leader. */
  group: number;
  session: number;
  /** Clock ticks since boot. */
  startTime: number;
  /** Ended and not reaped. */
  isZombie: boolean;
  isKernelThread: boolean;
  /** Forked, and has executed no program since. */
  isFork: boolean;
}>;

/** Fields by their number in proc_pid_stat(5). */
const field = {
  parent: 4,
  group: 5,
  session: 6,
  flags: 9,
  threads: 20,
  startTime: 22,
} as const;

/** The numbers of the line read last: fields 4 to 22. */
const numbers = new Float64Array(23);

const ascii = {
  space: 0x20,
  parenthesis: 0x29,
  minus: 0x2d,
  zero: 0x30,
  X: 0x58,
  Z: 0x5a,
} as const;

/** PF_KTHREAD of include/linux/sched.h. */
const kernelThreadFlag = 0x00200000;
/** PF_FORKNOEXEC, there. */
const forkFlag = 0x00000040;

/**
 * Reads `folder`/stat, where `folder` is /proc/PID, or /proc/self/fd/N for an open folder of it.
 * Null if the process is gone.
 */
export function readStat(folder: string): ProcessStat | null {
  const line = readOnce(`${folder}/stat`);
  if (line === null) return null;
  // Field 2 is the command in parentheses, and may itself hold spaces, parentheses and newlines;
  // all that follows are numbers and one letter, so the last parenthesis ends it.
  const end = line.lastIndexOf(ascii.parenthesis);
  if (end === -1 || !parseNumbers(line, end + 3)) return null;
  const state = line[end + 2];
  const flags = numbers[field.flags] ?? 0;
  return {
    parent: numbers[field.parent] ?? 0,
    group: numbers[field.group] ?? 0,
    session: numbers[field.session] ?? 0,
    startTime: numbers[field.startTime] ?? 0,
    // A first thread that has ended shows Z while others live on, and so the process lives.
    // X is the moment between being reaped and being gone.
    isZombie: (state === ascii.Z && (numbers[field.threads] ?? 0) <= 1) || state === ascii.X,
    isKernelThread: (flags & kernelThreadFlag) !== 0,
    isFork: (flags & forkFlag) !== 0,
  };
}

/**
 * Reads what follows the state into `numbers`; `from` is the space before it. By hand, because
 * cutting the line into strings costs as much as reading it, and a search reads one of each process.
 */
function parseNumbers(line: Buffer, from: number): boolean {
  let at = from;
  for (let number = 4; number < numbers.length; number += 1) {
    if (line[at] !== ascii.space) return false;
    let value = 0;
    let byte: number = line[++at] ?? ascii.space;
    const isNegative = byte === ascii.minus;
    if (isNegative) byte = line[++at] ?? ascii.space;
    while (byte !== ascii.space && at < line.length) {
      value = value * 10 + byte - ascii.zero;
      byte = line[++at] ?? ascii.space;
    }
    numbers[number] = isNegative ? -value : value;
  }
  return true;
}
