/**
 * A process that SIGKILL does not end, as one in a system call that never returns: it is traced
 * by this test with PTRACE_O_TRACEEXIT, so the kernel holds it where it is about to end, in a
 * tracing stop that no signal leaves. See ptrace(2). Nothing but the end of it is delayed.
 */

import { libc, orErrno } from '../../../src/os/libc/library.js';
import type { Machine } from './machine.js';

const ptrace: (request: number, pid: number, address: number, data: number) => number = libc.func(
  'long ptrace(long request, int pid, long address, long data)',
);

const PTRACE_SEIZE = 0x4206;
const PTRACE_DETACH = 17;
const PTRACE_O_TRACEEXIT = 0x40;

export type Unkillable = Readonly<{
  /** Whether it was killed and does not end. */
  isHeld: () => boolean;
  /** Lets it end; it has to be held. */
  release: () => void;
}>;

/** From now on the process goes on as before, but does not end. The death of the test frees it. */
export function makeUnkillable(machine: Machine, pid: number): Unkillable {
  const hostPid = machine.hostPidOf(pid);
  if (hostPid === null) throw new Error(`Cannot trace process ${pid}: there is none`);
  check('trace', pid, ptrace(PTRACE_SEIZE, hostPid, 0, PTRACE_O_TRACEEXIT));
  return {
    isHeld: () => machine.process(pid)?.state === 't',
    release: () => check('release', pid, ptrace(PTRACE_DETACH, hostPid, 0, 0)),
  };
}

function check(action: string, pid: number, result: number): void {
  const number = orErrno(result);
  if (number < 0) throw new Error(`Cannot ${action} process ${pid}: errno ${-number}`);
}
