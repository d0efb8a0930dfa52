/** Which of the ways to hold a process this kernel offers. */

import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { pidfdOpen, pidfdSendSignal, toProcessGroup, waitOne } from './libc/process.js';

export type Mechanisms = Readonly<{
  /** pidfd_open(2): Linux 5.3, unless a container's filter forbids it. */
  pidfd: boolean;
  /** waitid(2) with P_PIDFD: Linux 5.4. */
  waitPidfd: boolean;
  /** PIDFD_SIGNAL_PROCESS_GROUP of pidfd_send_signal(2): Linux 6.9. */
  groupSignal: boolean;
  /** PIDFD_INFO_EXIT of ioctl(2): Linux 6.15; elsewhere the kernel answers that it does not know. */
  exitInfo: boolean;
  /** Node's event loop can watch a descriptor of ours; elsewhere it is asked by a timer. */
  loopWatch: boolean;
  /** How often processes that give no sign are looked at, in milliseconds. */
  pollMs: number;
}>;

/** Asks the kernel, about this process itself. */
export function findMechanisms(): Mechanisms {
  const none = { pidfd: false, waitPidfd: false, groupSignal: false, exitInfo: false };
  const common = { loopWatch: true, pollMs: 1000 };
  const fd = pidfdOpen(process.pid);
  if (fd < 0) return { ...none, ...common };
  try {
    const { EINVAL } = constants.errno;
    return {
      pidfd: true,
      // Where it exists the answer is ECHILD: no process is its own child.
      waitPidfd: waitOne('pidfd', fd, true) !== -EINVAL,
      // Signal 0 is only checked for. ESRCH: we are not the leader of a group.
      groupSignal: pidfdSendSignal(fd, 0, toProcessGroup) !== -EINVAL,
      exitInfo: true,
      ...common,
    };
  } finally {
    closeSync(fd);
  }
}
