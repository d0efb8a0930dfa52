/** poll(2) of one descriptor, without waiting. */

import { libc } from './library.js';

const pollCall: (entries: Uint8Array, count: number, timeout: number) => number = libc.func(
  'int poll(void *fds, ulong nfds, int timeout)',
);

const POLLIN = 0x0001;
const POLLPRI = 0x0002;

/** struct pollfd: int fd, short events, short revents. */
const entry = new Uint8Array(8);
const view = new DataView(entry.buffer);

function pollNow(fd: number, event: number): boolean {
  view.setInt32(0, fd, true);
  view.setInt16(4, event, true);
  view.setInt16(6, 0, true);
  return pollCall(entry, 1, 0) > 0 && (view.getInt16(6, true) & event) !== 0;
}

export const isReadable = (fd: number): boolean => pollNow(fd, POLLIN);

/** An exceptional condition, such as a change of a file in /proc. */
export const hasUrgent = (fd: number): boolean => pollNow(fd, POLLPRI);
