/** How the kernel writes down the end of a process, in its two forms. */

import type { ExitStatus } from '../core/process.js';
import { signalName } from './signal-numbers.js';

export const unknownExit: ExitStatus = { type: 'unknown' };

/** From a wait status, as wait(2) and PIDFD_GET_INFO give it. */
export function fromWaitStatus(status: number): ExitStatus {
  const signal = status & 0x7f; // WTERMSIG; bit 7 says that a core was dumped.
  return signal === 0
    ? { type: 'code', code: (status >> 8) & 0xff }
    : { type: 'signal', signal: signalName(signal) };
}

const CLD_EXITED = 1;

/** From si_code and si_status of waitid(2): CLD_EXITED, or else CLD_KILLED or CLD_DUMPED. */
export function fromChildInfo(code: number, status: number): ExitStatus {
  return code === CLD_EXITED
    ? { type: 'code', code: status & 0xff }
    : { type: 'signal', signal: signalName(status) };
}
