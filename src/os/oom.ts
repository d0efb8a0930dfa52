/** What the kernel ends last when memory runs out; see proc_pid_oom_score_adj(5). */

import { writeFileSync } from 'node:fs';

/** Not −1000, which would spare even a supervisor that has itself run wild. */
const adjustment = -900;

/** Of this process alone: what it starts is given 0. Where it may not be set, all stays as it is. */
export function shieldFromOutOfMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', String(adjustment));
  } catch {
    // EACCES without CAP_SYS_RESOURCE, as in a container.
  }
}
