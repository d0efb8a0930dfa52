/**
 * Which process is the daemon: decided from what /proc shows of each. A name or a number alone is
 * never enough, and a process that may be somebody else's is left alone.
 */

import type { Pid } from '../units.js';

/** One process as /proc shows it, as far as matching asks. */
export interface Candidate {
  readonly pid: Pid;
  readonly ppid: Pid;
  readonly session: Pid;
  /** State Z with one thread: it has ended and waits for its parent. */
  readonly isZombie: boolean;
  /** Effective user id; null if it has gone meanwhile. */
  readonly uid: number | null;
  /** /proc/PID/exe without " (deleted)"; null for a kernel thread, or if it has gone. */
  readonly exe: string | null;
  /** All of argv; empty if it has gone. */
  readonly args: readonly string[];
  /** ESMD_SERVICE and ESMD_INCARNATION of its environment; null where they are not set. */
  readonly marker: Readonly<{ service: string; incarnation: number }> | null;
  /** Whether it is in our PID namespace and has our root directory. */
  readonly isOurs: boolean;
}

/** What the main process of a service looks like. */
export type Description = Readonly<{
  /** Its executable, symbolic links resolved. */
  exe: string;
  /** `arguments`: all after argv[0]; `ending`: of a script, whose interpreter comes before. */
  args:
    Readonly<{ type: 'any' }> | Readonly<{ type: 'arguments' | 'ending'; args: readonly string[] }>;
  /**
   * By which names its program may have been called, where it is one of several in its executable,
   * as in busybox; null: the executable says which it is.
   */
  names: readonly string[] | null;
  /** Whom it may belong to; null: anybody, where root vouches for the process otherwise. */
  uids: readonly number[] | null;
}>;

export type Choice =
  | Readonly<{ type: 'found'; pid: Pid }>
  | Readonly<{ type: 'absent' }>
  | Readonly<{ type: 'ambiguous'; pids: readonly Pid[] }>;

/** Whether a living process fits the description. `vouched`: root says by other means it is it. */
export function fits(candidate: Candidate, description: Description, vouched: boolean): boolean {
  if (candidate.isZombie || candidate.exe !== description.exe) return false;
  if (!isCalled(candidate.args, description.names)) return false;
  if (!hasArguments(candidate.args, description.args)) return false;
  const { uids } = description;
  const mayBe =
    vouched || uids === null || (candidate.uid !== null && uids.includes(candidate.uid));
  return mayBe && candidate.isOurs;
}

/** A title that was written over the arguments, which has spaces, says nothing about the name. */
function isCalled([name]: readonly string[], names: Description['names']): boolean {
  if (names === null || name === undefined || name.includes(' ')) return true;
  return names.includes(name.slice(name.lastIndexOf('/') + 1));
}

function hasArguments(argv: readonly string[], wanted: Description['args']): boolean {
  if (wanted.type === 'any') return true;
  const rest = wanted.type === 'arguments' ? argv.slice(1) : argv.slice(-wanted.args.length);
  return (
    rest.length === wanted.args.length && rest.every((arg, index) => arg === wanted.args[index])
  );
}

/**
 * One of several processes that fit. A worker that still looks like its parent is not a second
 * daemon; two that fit and are not parent and child are, and nobody can say which is meant.
 * Who may not be the daemon is left out, and so are its children.
 */
export function choose<T extends Candidate>(
  fitting: readonly T[],
  mayBe: (candidate: T) => boolean = () => true,
): Choice {
  const pids = new Set(fitting.map(({ pid }) => pid));
  const [first, ...others] = fitting.filter((one) => !pids.has(one.ppid) && mayBe(one));
  if (first === undefined) return { type: 'absent' };
  return others.length === 0
    ? { type: 'found', pid: first.pid }
    : { type: 'ambiguous', pids: [first, ...others].map(({ pid }) => pid) };
}
