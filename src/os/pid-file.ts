/** Reading a pid file: whatever lies there, the answer is a number worth looking at, or null. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Pid } from '../core/units.js';
import { pid } from '../core/units.js';

export type NamedProcess = Readonly<{
  pid: Pid;
  /** The user who could have written this; null: root alone. */
  writer: number | null;
}>;

const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** The largest pid there can be: PID_MAX_LIMIT, 2^22, on 64-bit kernels (proc(5)). */
const largestPid = 4_194_304;

/**
 * The process that a pid file names. Null where there is no regular file, where everybody may
 * write it, or where it says nothing sensible: empty, 0, 1, a negative number, our own pid.
 */
export function readPidFile(path: string): NamedProcess | null {
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch {
    return null;
  }
  try {
    const { mode, uid, size } = fstatSync(fd);
    const isRegular = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!isRegular || size > 4096 || (mode & 0o022) !== 0) return null;
    const writer = writerOf(path, uid);
    const named = writer === undefined ? null : numberIn(fd);
    return named === null || writer === undefined ? null : { pid: pid(named), writer };
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function numberIn(fd: number): number | null {
  const buffer = Buffer.alloc(64);
  const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
  const digits = /^\s*(\d{1,7})\s*(?:\n|$)/.exec(text)?.[1];
  if (digits === undefined) return null;
  const number = Number(digits);
  return number > 1 && number <= largestPid && number !== process.pid ? number : null;
}

/** The one user besides root who can write or replace the file; undefined: several could. */
function writerOf(path: string, owner: number): number | null | undefined {
  let writer = owner === 0 ? null : owner;
  for (let folder = realpathSync(dirname(path)); ; folder = dirname(folder)) {
    const { uid, mode } = statSync(folder);
    // In a sticky folder only a file's owner can replace it: inode(7).
    if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) return undefined;
    if (uid !== 0 && writer !== null && writer !== uid) return undefined;
    if (uid !== 0) writer = uid;
    if (folder === '/') return writer;
  }
}
