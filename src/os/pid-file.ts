/** Reading a pid file: whatever lies there, the answer is a number worth looking at, or null. */

import type { Pid } from '../core/units.js';
import { pid } from '../core/units.js';
import { isRoots, writersOnTheWay } from './file-owner.js';
import { readChecked } from './file.js';

export type NamedProcess = Readonly<{
  pid: Pid;
  /** The one user besides root who could have written this; null: root alone. */
  writer: number | null;
}>;

/** The largest pid there can be: PID_MAX_LIMIT, 2^22, on 64-bit kernels (proc(5)). */
const largestPid = 4_194_304;

/**
 * The process that a pid file names. Null where there is no regular file, where several users
 * could have written it, or where it says nothing sensible: empty, 0, 1, a negative number, our
 * own pid. Only the first line counts; some daemons write more below.
 */
export function readPidFile(path: string): NamedProcess | null {
  const content = readChecked(path, { maxBytes: 4096, owner: 'any' });
  if (!content.ok) return null;
  const digits = /^[ \t]*(\d{1,7})[ \t]*(?:\r?\n|$)/.exec(content.value.text)?.[1];
  const named = Number(digits ?? 0);
  if (named <= 1 || named > largestPid || named === process.pid) return null;
  const { uid, mode } = content.value;
  const writer = (mode & 0o022) === 0 ? writerOf(path, uid) : 'several';
  return writer === 'several' ? null : { pid: pid(named), writer };
}

/** The one user besides root who can write the file, or lead to another one. */
function writerOf(path: string, owner: number): number | null | 'several' {
  const onTheWay = writersOnTheWay(path);
  if (onTheWay === 'several' || onTheWay === null) return 'several';
  const [writer = null, ...others] = new Set([...(isRoots(owner) ? [] : [owner]), ...onTheWay]);
  return others.length === 0 ? writer : 'several';
}
