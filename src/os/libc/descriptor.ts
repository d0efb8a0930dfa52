/** File descriptors: what is inherited, and where they lie. */

import { readdirSync, readSync } from 'node:fs';
import { libc, orErrno, pointerSize } from './library.js';

const fcntlCall: (fd: number, command: number, argument: number) => number = libc.func(
  'int fcntl(int fd, int cmd, int argument)',
);
const dup2Call: (fd: number, wanted: number) => number = libc.func('int dup2(int fd, int wanted)');

type Pread = (fd: number, bytes: Uint8Array, most: number, offset: number) => number;

// Where pointers have 32 bits, the offset has 32 or 64.
const preadCall: Pread | null =
  pointerSize === 8 ? libc.func('int64 pread(int fd, void *bytes, uint64 most, int64 from)') : null;

const F_GETFD = 1;
const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;

/** fcntl(2), F_DUPFD_CLOEXEC: a copy with the lowest free number from `lowest` on. */
export const duplicateAbove = (fd: number, lowest: number): number =>
  orErrno(fcntlCall(fd, F_DUPFD_CLOEXEC, lowest));

/** dup2(2): `wanted` becomes a copy of `fd`, and is closed before if it was open. */
export const duplicateTo = (fd: number, wanted: number): number => orErrno(dup2Call(fd, wanted));

/**
 * pread(2) from the first byte on: how many bytes that gave, or the negative errno. For the small
 * files that the kernel writes anew for each read: Node's own takes four times as long.
 */
export function readStart(fd: number, bytes: Uint8Array): number {
  if (preadCall !== null) return orErrno(preadCall(fd, bytes, bytes.length, 0));
  try {
    return readSync(fd, bytes, 0, bytes.length, 0);
  } catch (error) {
    return error instanceof Error && 'errno' in error ? Number(error.errno) : -1;
  }
}

/**
 * Marks every descriptor above 2 close-on-exec. Node and libuv open theirs so, but what was
 * inherited from whoever started this process may not be.
 */
export function closeAllOnExec(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2) continue;
    const flags = fcntlCall(fd, F_GETFD, 0); // -1: the folder just read, closed again.
    if (flags !== -1 && (flags & FD_CLOEXEC) === 0) fcntlCall(fd, F_SETFD, flags | FD_CLOEXEC);
  }
}
