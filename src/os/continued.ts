/**
 * Whether this process was stopped and has just been continued. The kernel gives SIGCONT to any
 * thread that does not block it, and Node's worker threads do not: the main thread may be running
 * again, and see what happened meanwhile, before the signal has reached its handler. Until then it
 * is pending for the process as a whole; see proc_pid_status(5), ShdPnd.
 */

import { openSync, readSync } from 'node:fs';
import { constants } from 'node:os';

const buffer = Buffer.alloc(4096);
const bit = 1n << BigInt(constants.signals.SIGCONT - 1);
/** Opened once, so that a restart need not. */
const fd = openStatus();

/** About 10 µs. False where it cannot be found out. */
export function isBeingContinued(): boolean {
  if (fd === null) return false;
  try {
    const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
    const pending = /^ShdPnd:\t([0-9a-f]+)$/m.exec(text)?.[1];
    return pending !== undefined && (BigInt(`0x${pending}`) & bit) !== 0n;
  } catch {
    return false;
  }
}

function openStatus(): number | null {
  try {
    return openSync('/proc/self/status', 'r');
  } catch {
    return null;
  }
}
