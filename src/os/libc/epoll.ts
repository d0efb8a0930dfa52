/** epoll(7), and the event loop watching one descriptor. */

import koffi from 'koffi';
import { libc, optional, orErrno } from './library.js';

const epollCreateCall: (flags: number) => number = libc.func('int epoll_create1(int flags)');
const epollControlCall: (epoll: number, act: number, fd: number, event: Uint8Array) => number =
  libc.func('int epoll_ctl(int epfd, int op, int fd, void *event)');
const epollWaitCall: (epoll: number, events: Uint32Array, most: number, timeout: number) => number =
  libc.func('int epoll_wait(int epfd, void *events, int maxevents, int timeout)');

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x001;
const EPOLLHUP = 0x010;
const EPOLLET = 0x80000000;

// struct epoll_event is packed on x86-64; on ia32 a 64-bit number is aligned to 4 bytes anyway.
const isTight = process.arch === 'x64' || process.arch === 'ia32';
const eventSize = isTight ? 12 : 16;
const dataOffset = isTight ? 4 : 8;

/** The most that epollTake() gives at once: whoever has many to look at does other things between. */
export const mostReady = 8;
const control = new Uint8Array(eventSize);
const controlView = new DataView(control.buffer);
/** In words of 32 bits. */
const events = new Uint32Array((eventSize / 4) * mostReady);

/** epoll_create1(2), close-on-exec. */
export const epollCreate = (): number => orErrno(epollCreateCall(EPOLL_CLOEXEC));

/**
 * epoll_ctl(2): reports each change of `fd` once, under `id` (32 bits). Level-triggered, a pidfd
 * would stay ready as long as its process is a zombie, and spin.
 */
export function epollAdd(epoll: number, fd: number, id: number): number {
  controlView.setUint32(0, EPOLLIN + EPOLLET, true);
  controlView.setUint32(dataOffset, id, true);
  controlView.setUint32(dataOffset + 4, 0, true);
  return orErrno(epollControlCall(epoll, EPOLL_CTL_ADD, fd, control));
}

/** `isHup`: EPOLLHUP, which for a pidfd says that the process has been reaped. */
export type Ready = Readonly<{ id: number; isHup: boolean }>;

/** epoll_wait(2) without waiting. */
export function epollTake(epoll: number): readonly Ready[] {
  const count = epollWaitCall(epoll, events, mostReady, 0);
  const ready: Ready[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const at = (nth * eventSize) / 4;
    const [flags = 0, id = 0] = [events[at], events[at + dataOffset / 4]];
    ready.push({ id, isHup: (flags & EPOLLHUP) !== 0 });
  }
  return ready;
}

/**
 * Has Node's own event loop watch `fd` for input (uv_poll_start), and calls `onReadable` in every
 * turn in which there is some; microtasks run after it. The loop does not end while it watches.
 * What `onReadable` throws would vanish: it must not throw. The result ends the watch; it must be
 * kept, since garbage collection ends it too. Null where koffi was built without it.
 */
export function watchReadable(fd: number, onReadable: () => void): (() => void) | null {
  const handle = optional(() => {
    const watch = koffi.node.poll(fd, { readable: true }, onReadable);
    return () => {
      watch.close();
    };
  });
  return handle;
}
