/**
 * What an esmd before us has started, and a marker alone tells of. Whoever is killed together with
 * esmd just after his start is not in the table, whose next write would have named his session, and
 * his workers are not in the cgroup yet. They live on, and keep the port.
 *
 * Only a service of which no process was found has any: of one that lives they are its workers. What
 * is noted is killed by the sweep that precedes the next start; see Sweeps.
 */

import type { Spec } from '../core/service/spec.js';
import { pid as toPid, type Pid } from '../core/units.js';
import type { ProcessEntry } from '../os/os.js';
import { possibleUids } from './description.js';
import { groupBy } from './group-by.js';

/** Number and start time: when it is swept the number may be another's. */
export type Leftover = Readonly<{ pid: Pid; startTime: number }>;

/** Which service has this process; null: none. */
export type OwnerOf = (process: Leftover) => string | null;

/** By service. */
export type Leftovers = Map<string, readonly Leftover[]>;

/** The marked processes of one scan. */
export class Marked {
  readonly #byPid: ReadonlyMap<Pid, ProcessEntry>;
  readonly #byService: ReadonlyMap<string, readonly ProcessEntry[]>;
  readonly #children: ReadonlyMap<Pid, readonly ProcessEntry[]>;
  readonly #ownerOf: OwnerOf;

  /** `since`: when this esmd began, in clock ticks since boot. */
  constructor(entries: readonly ProcessEntry[], since: number, ownerOf: OwnerOf) {
    this.#byPid = new Map(entries.map((entry) => [entry.pid, entry]));
    this.#ownerOf = ownerOf;
    this.#children = groupBy(entries, ({ ppid }) => ppid);
    const older = entries.filter(({ startTime }) => startTime <= since);
    this.#byService = groupBy(older, ({ marker }) => marker?.service ?? null);
  }

  /** What is left of a service that does not run: parents first, so that they fork no others. */
  leftoversOf(spec: Spec): readonly Leftover[] {
    return this.#find(spec, (process) => this.#ownerOf(process) !== null);
  }

  /** What a service that runs was started with, and has forked; parents first. */
  familyOf(spec: Spec): readonly Leftover[] {
    return this.#find(spec, (process) => {
      const owner = this.#ownerOf(process);
      return owner !== null && owner !== spec.name;
    });
  }

  #find(spec: Spec, isHeld: (process: Leftover) => boolean): readonly Leftover[] {
    const { name } = spec;
    const marked = this.#byService.get(name);
    // Where init bears the marker all processes do: the whole machine is a service of another esmd.
    const isInits = this.#byPid.get(toPid(1))?.marker?.service === name;
    if (marked === undefined || isInits || spec.kill !== 'group') return [];
    const uids = possibleUids(spec);
    const parentOf = ({ ppid }: ProcessEntry) => this.#byPid.get(ppid) ?? null;
    const found = new Set<ProcessEntry>();
    const open = [...marked];
    for (const entry of open) {
      if (found.has(entry) || !isLeft(entry, name, uids)) continue;
      if (belongs(entry, parentOf, isHeld)) continue;
      found.add(entry);
      // What they have forked since is younger than we are.
      open.push(...(this.#children.get(entry.pid) ?? []));
    }
    return [...found]
      .sort((a, b) => a.startTime - b.startTime)
      .map(({ pid, startTime }) => ({ pid, startTime }));
  }
}

/** Whether a service has it, or one of its ancestors: it may have been started by another daemon. */
export function belongs(
  entry: ProcessEntry,
  parentOf: (entry: ProcessEntry) => ProcessEntry | null,
  isHeld: (process: Leftover) => boolean,
): boolean {
  // What was read at different moments may name a process as its own ancestor.
  const seen = new Set<Pid>();
  let next: ProcessEntry | null = entry;
  while (next !== null && !seen.has(next.pid)) {
    if (isHeld(next)) return true;
    seen.add(next.pid);
    next = parentOf(next);
  }
  return false;
}

/** Another user may write the marker as well: what he runs is his. */
const isLeft = (entry: ProcessEntry, service: string, uids: ReadonlySet<number>): boolean =>
  !entry.isZombie &&
  entry.marker?.service === service &&
  entry.uid !== null &&
  uids.has(entry.uid) &&
  entry.isOurs;
