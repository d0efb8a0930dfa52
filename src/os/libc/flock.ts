import { libc, orErrno } from './library.js';

const flockCall: (fd: number, operation: number) => number = libc.func(
  'int flock(int fd, int operation)',
);

const LOCK_EX = 2;
const LOCK_NB = 4;

/** flock(2), exclusive, without waiting: EWOULDBLOCK where another open of the file has it. */
export const lockExclusively = (fd: number): number => orErrno(flockCall(fd, LOCK_EX | LOCK_NB));
