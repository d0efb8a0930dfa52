/**
 * Moving a new process into its cgroup, on a thread of the pool. The kernel waits before it moves
 * anything until every processor has been through its scheduler (cgroup_threadgroup_rwsem), which
 * takes 5 to 15 ms unless something was moved just before; deaths would go unnoticed meanwhile.
 *
 * And while it moves something nobody can fork, not even who could hurry up whoever it waits for: on
 * a busy machine 500 starts took ten times as long when each was followed by its move. So moves come
 * one at a time, and those of a row of starts when it has been over for a moment. That of a single
 * start comes at once: what an esmd leaves behind that is killed before it, nobody finds by cgroup.
 */

import { closeSync, openSync, write } from 'node:fs';
import type { Problem } from '../core/result.js';
import { processesOf } from './cgroup-place.js';
import { errorCode } from './error-code.js';
import { listFiles, readOnce } from './proc-file.js';
import { cgroupRefused } from './spawn-surroundings.js';

type Move = Readonly<{ folder: string; number: number; tell: (problem: Problem) => void }>;

/** The moves that are to be made, in order. */
const waiting = new Map<number, Move>();
/** The one that is being made, and what waits for its end. */
let underWay: number | null = null;
let afterwards: (() => void) | null = null;

/** So long after the last start, and at the most so long after the first one. Milliseconds. */
const calmMs = 20;
const mostMs = 1_000;
let firstStart = 0;
let lastStart = 0;
let timer: NodeJS.Timeout | null = null;

/** Whether the moves of a row of starts are still to be made. */
export const awaitsPlacement = (): boolean => waiting.size > 0;

/**
 * Moves our child `number` and what it has forked; that it has ended is no problem. `isSingle`: it
 * is not one of a row of starts.
 */
export function place(move: Move, isSingle: boolean): void {
  if (!isSingle) lastStart = performance.now();
  if (waiting.size === 0) firstStart = lastStart;
  waiting.set(move.number, move);
  if (underWay !== null || timer !== null) return;
  if (isSingle) moveNext();
  else timer = setTimeout(moveNext, calmMs);
}

function moveNext(): void {
  timer = null;
  const [move] = waiting.values();
  if (move === undefined) return;
  const now = performance.now();
  if (now - lastStart < calmMs && now - firstStart < mostMs) {
    timer = setTimeout(moveNext, calmMs);
    return;
  }
  waiting.delete(move.number);
  const { folder, number, tell } = move;
  let fd: number;
  try {
    fd = openSync(processesOf(folder), 'r+');
  } catch (error) {
    tell(cgroupRefused(folder, errorCode(error)));
    moveNext();
    return;
  }
  underWay = number;
  write(fd, String(number), (error) => {
    closeSync(fd);
    const act = afterwards;
    underWay = null;
    afterwards = null;
    // Before the parent may be reaped: as long as it is there, so is the list of its children.
    if (error === null) bringAlong(move);
    act?.();
    if (error !== null && error.code !== 'ESRCH') tell(cgroupRefused(folder, errorCode(error)));
    moveNext();
  });
}

/**
 * What it forks from now on is born in the cgroup; what it forked before has stayed behind. A child
 * whose parent has ended meanwhile is init's, and is not found: the sweep signals the group, too.
 */
function bringAlong({ folder, number, tell }: Move): void {
  const children = childrenOf(number);
  const home = children.length === 0 ? null : placeOf(number);
  for (const child of children) {
    if (home !== null && placeOf(child) !== home)
      waiting.set(child, { folder, number: child, tell });
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
  waiting.delete(number);
  if (underWay !== number) return false;
  afterwards = act;
  return true;
}
