/**
 * Reading below /proc, where a file is made up at the moment of the read and may vanish before it.
 * Works also when this process has no descriptors left: a process that is overlooked for want of
 * one would be started a second time.
 */

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/**
 * The most that is read of one file: processes can make their arguments and environment
 * megabytes long. What is longer is cut, and then matches nothing.
 */
const longest = 256 * 1024;

/** Reused for every read: nothing here waits, so no two reads overlap. */
const scratch = Buffer.allocUnsafe(longest);

/** A descriptor to give up when there are no more. */
let spare = openSpare();

/**
 * What the first read gives, which for every file of a process is all there is. The buffer holds
 * it until the next call. Null if it has gone or may not be read.
 */
export function readOnce(path: string): Buffer | null {
  try {
    return withDescriptor(() => {
      const fd = openSync(path, 'r');
      try {
        return scratch.subarray(0, readSync(fd, scratch));
      } finally {
        closeSync(fd);
      }
    });
  } catch {
    return null; // ENOENT or ESRCH: it has gone. EACCES: no CAP_SYS_PTRACE, as in containers.
  }
}

/** The numbers of all processes. Throws where there is no /proc: nothing would be true then. */
export function listProcesses(): readonly string[] {
  return withDescriptor(() => readdirSync('/proc')).filter((name) => /^[1-9]/.test(name));
}

/** The names in a folder of a process; null if it has gone or may not be read. */
export function listFiles(folder: string): readonly string[] | null {
  try {
    return withDescriptor(() => readdirSync(folder));
  } catch {
    return null;
  }
}

function withDescriptor<T>(act: () => T): T {
  spare ??= openSpare();
  try {
    return act();
  } catch (error) {
    if (spare === null || !isShortage(error)) throw error;
    closeSync(spare);
    spare = null;
    try {
      return act();
    } finally {
      spare = openSpare();
    }
  }
}

const isShortage = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');

function openSpare(): number | null {
  try {
    return openSync('/', 'r');
  } catch {
    return null;
  }
}
