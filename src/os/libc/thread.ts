/** A thread that does nothing, and the time that it took: see pauses.ts. */

import { readClock } from './clock.js';
import { libc } from './library.js';

const dlsymCall: (handle: null, name: string) => unknown = libc.func(
  'void *dlsym(void *handle, const char *symbol)',
);
const createCall: (thread: BigUint64Array, attr: null, start: unknown, argument: null) => number =
  libc.func('int pthread_create(void *thread, void *attr, void *start, void *arg)');
const setNameCall: (thread: bigint, name: string) => number = libc.func(
  'int pthread_setname_np(size_t thread, const char *name)',
);
const setMaskCall: (how: number, set: Uint8Array, old: Uint8Array) => number = libc.func(
  'int pthread_sigmask(int how, void *set, void *oldset)',
);

const SIG_SETMASK = 2;
/** sigset_t has room for 1024 signals in both libraries. */
const signalSetSize = 128;

/**
 * Starts a thread that waits for ever in pause(2), with every signal blocked, so that none of ours
 * is delivered to it. `name`: of at most 15 bytes, as in /proc/PID/task/TID/comm. False if the
 * kernel has no resources for it.
 */
export function startIdleThread(name: string): boolean {
  const none = new Uint8Array(signalSetSize).fill(0xff);
  const own = new Uint8Array(signalSetSize);
  const thread = new BigUint64Array(1);
  // A new thread has the mask of the one that makes it. Both libraries keep their own signals out.
  setMaskCall(SIG_SETMASK, none, own);
  try {
    if (createCall(thread, null, dlsymCall(null, 'pause'), null) !== 0) return false;
  } finally {
    setMaskCall(SIG_SETMASK, own, none);
  }
  return setNameCall(thread[0] ?? 0n, name) === 0;
}

/**
 * Reads how long a thread of this process has run, in the form of the C library; false if it has
 * ended. The clock's number is how pthread_getcpuclockid(3) makes it: the thread's, inverted, above
 * CPUCLOCK_PERTHREAD_MASK and CPUCLOCK_SCHED of the kernel.
 */
export const readThreadTime = (thread: number, time: ArrayBufferView): boolean =>
  readClock((~thread << 3) | 4 | 2, time);
