/** Processes: holding, signalling and waiting for exactly one. */

import { isReadable } from './poll.js';
import { libc, orErrno, pointerSize } from './library.js';

// These two numbers are the same on every architecture: system calls after Linux 5.0 share them.
const sysPidfdSendSignal = 424;
const sysPidfdOpen = 434;

const pidfdOpenCall: (number: number, pid: number, flags: number) => number = libc.func(
  'int syscall(long number, int pid, uint flags)',
);
const pidfdSendSignalCall: (
  number: number,
  pidfd: number,
  signal: number,
  info: null,
  flags: number,
) => number = libc.func('int syscall(long number, int pidfd, int sig, void *info, uint flags)');
const killCall: (pid: number, signal: number) => number = libc.func('int kill(int pid, int sig)');
const waitidCall: (kind: number, id: number, info: Int32Array, options: number) => number =
  libc.func('int waitid(int idtype, uint id, void *infop, int options)');
const ioctlCall: (fd: number, request: number, argument: Uint8Array) => number = libc.func(
  'int ioctl(int fd, ulong request, void *argument)',
);

const yieldCall: () => number = libc.func('int sched_yield(void)');

/**
 * sched_yield(2): lets others run first that wait for this processor. Returns at once if none do.
 */
export const yieldProcessor = (): void => void yieldCall();

const setSchedulerCall: (pid: number, policy: number, priority: Int32Array) => number = libc.func(
  'int sched_setscheduler(int pid, int policy, void *param)',
);

const getSchedulerCall: (pid: number) => number = libc.func('int sched_getscheduler(int pid)');

const SCHED_RESET_ON_FORK = 0x40000000;

/** Policies, with struct sched_param, which is a priority. */
const policies = {
  other: { policy: 0, priority: Int32Array.of(0) },
  /** SCHED_RR with the lowest priority. */
  'real-time': { policy: 2, priority: Int32Array.of(1) },
} as const;

/** sched_getscheduler(2): whether the calling thread is scheduled as others are. Not with musl. */
export const isScheduledAsOthers = (): boolean => getSchedulerCall(0) === policies.other.policy;

/**
 * sched_setscheduler(2) of the calling thread; its nice value stays. What it starts from now on is
 * scheduled as others are, and has the nice value 0 if its own is negative. False if that may not be
 * done, or the C library cannot do it: musl.
 */
export function schedule(how: keyof typeof policies): boolean {
  const { policy, priority } = policies[how];
  return setSchedulerCall(0, policy | SCHED_RESET_ON_FORK, priority) === 0;
}

/** pidfd_open(2), Linux 5.3. The descriptor is close-on-exec. */
export const pidfdOpen = (pid: number): number => orErrno(pidfdOpenCall(sysPidfdOpen, pid, 0));

/** PIDFD_SIGNAL_PROCESS_GROUP of pidfd_send_signal(2): the group it leads or led. Linux 6.9. */
export const toProcessGroup = 1 << 2;

/** pidfd_send_signal(2), Linux 5.1; also takes a descriptor of a /proc/PID folder. */
export const pidfdSendSignal = (pidfd: number, signal: number, flags: number): number =>
  orErrno(pidfdSendSignalCall(sysPidfdSendSignal, pidfd, signal, null, flags));

/** kill(2). Only for numbers that cannot have come to mean something else. */
export const kill = (pid: number, signal: number): number => orErrno(killCall(pid, signal));

/** kill(2) to a process group. */
export const killGroup = (group: number, signal: number): number => kill(-group, signal);

/** idtype_t of waitid(2). */
const idTypes = { pid: 1, pidfd: 3 } as const;

// waitid(2)
const WNOHANG = 0x00000001;
const WEXITED = 0x00000004;
const WNOWAIT = 0x01000000;

/** How waitid(2) says that a child ended: `code` is a CLD_ constant. `pid` 0: it has not. */
export type Waited = Readonly<{ pid: number; code: number; status: number }>;

/** siginfo_t, in words of 32 bits. */
const siginfo = new Int32Array(32);
// sigaction(2): si_signo, si_errno, si_code, then a union that is aligned like a pointer: si_pid,
// si_uid, si_status.
const atCode = 2;
const atPid = pointerSize === 8 ? 4 : 3;
const atStatus = atPid + 2;
const field = (at: number): number => siginfo[at] ?? 0;

/**
 * waitid(2) for one child, without waiting; P_PIDFD needs Linux 5.4. With `leave` it stays a
 * zombie and can be waited for again. Never asks for "any child": that would take away those
 * which libuv waits for.
 */
export function waitOne(kind: 'pid' | 'pidfd', id: number, leave: boolean): Waited | number {
  siginfo[atPid] = 0; // POSIX leaves open what is in it if nothing has changed; Linux writes zero.
  const options = WEXITED | WNOHANG | (leave ? WNOWAIT : 0);
  const result = orErrno(waitidCall(idTypes[kind], id, siginfo, options));
  if (result < 0) return result;
  return { pid: field(atPid), code: field(atCode), status: field(atStatus) };
}

/** Whether the process of a pidfd has ended: pidfd_open(2) calls that readable. */
export const hasEnded = (pidfd: number): boolean => isReadable(pidfd);

const PIDFD_GET_INFO = 0xc040ff0b; // _IOWR(0xFF, 11, struct pidfd_info of 64 bytes)
const PIDFD_INFO_EXIT = 1 << 3;
const pidfdInfo = new Uint8Array(64);
const pidfdInfoView = new DataView(pidfdInfo.buffer);

/**
 * PIDFD_GET_INFO of ioctl(2), Linux 6.15: the wait status of any process, child or not, once its
 * parent has reaped it. Null before that, and on kernels that cannot say.
 */
export function exitInfo(pidfd: number): number | null {
  pidfdInfo.fill(0);
  pidfdInfoView.setUint32(0, PIDFD_INFO_EXIT, true);
  if (ioctlCall(pidfd, PIDFD_GET_INFO, pidfdInfo) === -1) return null;
  const given = pidfdInfoView.getUint32(0, true);
  return (given & PIDFD_INFO_EXIT) === 0 ? null : pidfdInfoView.getInt32(60, true);
}
