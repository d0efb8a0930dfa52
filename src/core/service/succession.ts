/**
 * Which process can be what replaces the last one. The children of a daemon may be the same program
 * in sessions of their own, as those of sshd and cron are, and outlive it; a search would take one
 * for the daemon. Where there is a pid file, whoever ran beside the daemon is not its successor:
 * the file would have named it.
 */

import type { Process } from '../process.js';
import type { Pid } from '../units.js';
import type { Input } from './record.js';
import type { Spec } from './spec.js';

/** A main process that has ended. Start times are in clock ticks since boot. */
export type Predecessor = Readonly<{
  process: Process;
  /** Who started before is not its successor. */
  from: number;
  /** The same, as long as the pid file still names it: who restarts a daemon changes the file. */
  fromWhileNamed: number;
}>;

/** `isYoung`: it may have been no more than the first process of a daemon that forks once more. */
export function predecessor(
  { process, late, seenAt }: Extract<Input, { type: 'exited' }>,
  spec: Spec,
  isYoung = false,
): Predecessor {
  const born = process.startTime;
  // Where children are to outlive their daemon, they are more likely.
  if (isYoung && spec.kill === 'group') return { process, from: born, fromWhileNamed: born };
  // Nobody knows when it ended, so who started in its life may have done so after its end.
  return { process, from: late ? born : seenAt, fromWhileNamed: seenAt };
}

/** `named`: whom the pid file names now; null: nobody. */
export function maySucceed(
  startTime: number,
  last: Predecessor | null,
  named: Pid | null,
): boolean {
  if (last === null) return true;
  return startTime >= (named === last.process.pid ? last.fromWhileNamed : last.from);
}
