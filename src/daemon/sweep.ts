/**
 * Kills what a dead daemon left behind, and says when it is gone: a worker that still holds the
 * port would make the replacement fail. What is ours to kill is the cgroup that we made for the
 * service and the process group whose leader we started, or, without a cgroup, its whole session;
 * and what an esmd before us has left behind, see leftovers.ts.
 */

import type { Action } from '../core/service/record.js';
import type { Pid } from '../core/units.js';
import type { Cgroups, Exits, Held, ProcessEntry, ProcessTable } from '../os/os.js';
import { belongs, type Leftover, type Leftovers, type OwnerOf } from './leftovers.js';

export type SweepOs = Readonly<{ exits: Exits; processes: ProcessTable; cgroups: Cgroups }>;

export class Sweeps {
  readonly #os: SweepOs;
  readonly #left: Leftovers;
  readonly #ownerOf: OwnerOf;
  readonly #done: (action: Extract<Action, { type: 'sweep' }>) => void;
  readonly #pending = new Map<Held, Sweep>();

  /** `done` is called once for each sweep, possibly before `sweep` returns. */
  constructor(
    os: SweepOs,
    left: Leftovers,
    ownerOf: OwnerOf,
    done: (action: Extract<Action, { type: 'sweep' }>) => void,
  ) {
    this.#os = os;
    this.#left = left;
    this.#ownerOf = ownerOf;
    this.#done = done;
  }

  sweep(action: Extract<Action, { type: 'sweep' }>, leader: Held | null): void {
    const own = this.#kill(action, leader);
    const noted = this.#left.get(action.service);
    const leftovers =
      noted === undefined ? own : [...this.#killMarked(noted, action.service), ...own];
    if (leftovers.length === 0) {
      this.#done(action);
      return;
    }
    const sweep: Sweep = { action, left: new Set(leftovers) };
    for (const held of leftovers) this.#pending.set(held, sweep);
  }

  /** Whether this death is one that a sweep waited for. */
  died(held: Held): boolean {
    const sweep = this.#pending.get(held);
    if (sweep === undefined) return false;
    this.#pending.delete(held);
    sweep.left.delete(held);
    held.release();
    if (sweep.left.size === 0) this.#done(sweep.action);
    return true;
  }

  #kill(action: Extract<Action, { type: 'sweep' }>, leader: Held | null): readonly Held[] {
    const { cgroups } = this.#os;
    const folder = cgroups.folder(action.service);
    // A child that was forked before its parent was moved is in the group, if not in the cgroup.
    leader?.signal('KILL', 'group');
    if (folder === null) return this.#killSession(action);
    const members = cgroups.members(folder);
    if (members.length === 0) return [];
    const leftovers = members.map((pid) => this.#hold(pid)).filter((held) => held !== null);
    cgroups.kill(folder);
    return leftovers;
  }

  /** What does not die is killed again before the next start. */
  #killMarked(noted: readonly Leftover[], service: string): readonly Held[] {
    const there = noted
      .map((one) => this.#holdMarked(one, service))
      .filter((held) => held !== null);
    if (there.length === 0) this.#left.delete(service);
    for (const held of there) held.signal('KILL', 'process');
    return there;
  }

  #holdMarked({ pid, startTime }: Leftover, service: string): Held | null {
    const held = this.#hold(pid);
    if (held === null) return null;
    const now = this.#os.processes.read(pid);
    const isIt = held.startTime === startTime && now?.startTime === startTime;
    if (isIt && this.#isStillLeft(now, service) && held.isAlive()) return held;
    held.release();
    return null;
  }

  /** Another service may have been found to have it since. */
  #isStillLeft(entry: ProcessEntry, service: string): boolean {
    const parentOf = ({ ppid }: ProcessEntry) => this.#os.processes.read(ppid);
    const isMarked = !entry.isZombie && entry.marker?.service === service;
    return isMarked && !belongs(entry, parentOf, (one) => this.#ownerOf(one) !== null);
  }

  #killSession({ leader, service }: Extract<Action, { type: 'sweep' }>): readonly Held[] {
    if (leader === null) return [];
    const now = this.#os.processes.read(leader.pid);
    // The number of a session is not reused while it has members, and this is another's.
    if (now !== null && now.startTime !== leader.startTime) return [];
    // Once the leader is reaped the session may be that of a later one, which has ended as well.
    const isMember = ({ session, marker }: ProcessEntry): boolean =>
      session === leader.pid && (now !== null || marker?.service === service);
    const leftovers: Held[] = [];
    for (const entry of this.#os.processes.scan()) {
      const { pid, isZombie } = entry;
      if (pid === leader.pid || isZombie || !isMember(entry)) continue;
      const member = this.#hold(pid);
      if (member === null) continue;
      leftovers.push(member);
      const held = this.#os.processes.read(pid);
      if (held !== null && isMember(held)) member.signal('KILL', 'process');
    }
    return leftovers;
  }

  #hold(pid: Pid): Held | null {
    const opened = this.#os.exits.hold(pid, 'adopted');
    return opened.ok ? opened.value : null;
  }
}

type Sweep = Readonly<{ action: Extract<Action, { type: 'sweep' }>; left: Set<Held> }>;
