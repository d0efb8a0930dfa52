/**
 * Moving a new process into its cgroup, on a thread of the pool. The kernel waits before it moves
 * anything until every processor has been through its scheduler (cgroup_threadgroup_rwsem), which
 * takes 5 to 15 ms unless something was moved just before; deaths would go unnoticed meanwhile.
 */

import { closeSync, openSync, write } from 'node:fs';
import type { Problem } from '../core/result.js';
import { processesOf } from './cgroup-place.js';
import { errorCode } from './error-code.js';
import { listFiles, readOnce } from './proc-file.js';
import { cgroupRefused } from './spawn-surroundings.js';

/** The moves that are under way, by process number, and what waits for them. */
const underWay = new Map<number, (() => void) | null>();

/**
 * Moves our child `number` and what it has forked; a problem that shows at once is returned, one
 * that shows later is told. That it has ended is none.
 */
export function place(
  folder: string,
  number: number,
  tell: (problem: Problem) => void,
): Problem | null {
  let fd: number;
  try {
    fd = openSync(processesOf(folder), 'r+');
  } catch (error) {
    return cgroupRefused(folder, errorCode(error));
  }
  underWay.set(number, null);
  write(fd, String(number), (error) => {
    closeSync(fd);
    const act = underWay.get(number);
    underWay.delete(number);
    // Before the parent may be reaped: as long as it is there, so is the list of its children.
    if (error === null) bringAlong(folder, number, tell);
    act?.();
    if (error !== null && error.code !== 'ESRCH') tell(cgroupRefused(folder, errorCode(error)));
  });
  return null;
}

/**
 * What it forks from now on is born in the cgroup; what it forked before has stayed behind. A child
 * whose parent has ended meanwhile is init's, and is not found: the sweep signals the group, too.
 */
function bringAlong(folder: string, parent: number, tell: (problem: Problem) => void): void {
  const children = childrenOf(parent);
  const home = children.length === 0 ? null : placeOf(parent);
  for (const child of children) {
    if (home !== null && placeOf(child) !== home) place(folder, child, tell);
  }
}

/** The line of cgroup v2; null if the process has gone. */
const placeOf = (number: number): string | null =>
  /^0::.*$/m.exec(readOnce(`/proc/${number}/cgroup`)?.toString('latin1') ?? '')?.[0] ?? null;

/** proc_tid_children(5): none where the kernel was built without CONFIG_PROC_CHILDREN. */
function childrenOf(parent: number): readonly number[] {
  const threads = listFiles(`/proc/${parent}/task`) ?? [];
  return threads.flatMap((thread) => {
    const text = readOnce(`/proc/${parent}/task/${thread}/children`)?.toString('latin1') ?? '';
    return text
      .split(' ')
      .map(Number)
      .filter((number) => number > 0);
  });
}

/**
 * Whether a child is being moved; `act` is called afterwards then, once, however often this is
 * asked. Until that the child must not be reaped: its number could come to mean a stranger, who
 * would be moved in its place.
 */
export function afterPlacement(number: number, act: () => void): boolean {
  if (!underWay.has(number)) return false;
  underWay.set(number, act);
  return true;
}
