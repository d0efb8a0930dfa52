/** statx(2): what Node's stat tells, without an object of twenty fields for each answer. */

import { libc, optional } from './library.js';

type Statx = (
  folder: number,
  path: Uint8Array,
  flags: number,
  mask: number,
  answer: Uint32Array,
) => number;

// Linux 4.11, glibc 2.28. Not every musl has it.
const statxCall = optional<Statx>(() =>
  libc.func('int statx(int dirfd, const void *path, int flags, uint mask, void *buffer)'),
);

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;

/** struct statx, in words of 32 bits: no field of it is shorter but the mode. */
const answer = new Uint32Array(64);

/**
 * Where in it is written what a file is known again by: stx_uid; stx_mode and a spare; stx_ino and
 * stx_size, each of two words; stx_ctime, of three; stx_dev_major and _minor.
 */
const words = [5, 7, 8, 9, 10, 11, 24, 25, 26, 34, 35] as const;

/** What a file is known again by; all zero for one that cannot be reached. */
export type Mark = Uint32Array;

/** Without size and time: whether it is the same file still, whatever was written into it. */
export const isSameFile = (a: Mark, b: Mark): boolean =>
  a.every((part, at) => (at >= 4 && at < 9) || part === b[at]);

export const newMark = (): Mark => new Uint32Array(words.length);

/**
 * Reads the mark of a file into the given one, and says whether it is another one now; `path` ends
 * with a zero byte.
 */
export type ReadMark = (path: Uint8Array, links: 'follow' | 'itself', mark: Mark) => boolean;

/** Null where the C library cannot. */
export const readMark: ReadMark | null =
  statxCall === null
    ? null
    : (path, links, mark) => {
        const flags = links === 'itself' ? AT_SYMLINK_NOFOLLOW : 0;
        return take(statxCall(AT_FDCWD, path, flags, STATX_BASIC_STATS, answer), mark);
      };

const noPath = new Uint8Array(1);

/** The mark of an open file. Null where the C library cannot. */
export const readOpenMark: ((fd: number, mark: Mark) => void) | null =
  statxCall === null
    ? null
    : (fd, mark) => {
        take(statxCall(fd, noPath, AT_EMPTY_PATH, STATX_BASIC_STATS, answer), mark);
      };

function take(result: number, mark: Mark): boolean {
  if (result !== 0) answer.fill(0);
  let isAnother = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = answer[words[at] ?? 0] ?? 0;
    if (mark[at] === word) continue;
    mark[at] = word;
    isAnother = true;
  }
  return isAnother;
}
