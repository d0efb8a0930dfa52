/**
 * Puts daemons that an earlier esmd had no time to put into their cgroups there, with what they have
 * forked by now: when one dies, its workers are known by that only.
 */

import type { Process } from '../core/process.js';
import { processesOf, type Service } from '../core/service/record.js';
import type { Spec } from '../core/service/spec.js';
import type { Pid } from '../core/units.js';
import type { Cgroups, Held, ProcessTable } from '../os/os.js';
import { Marked, type OwnerOf } from './leftovers.js';

type Services = ReadonlyMap<string, Service>;
type PlacingOs = Readonly<{ cgroups: Cgroups; processes: ProcessTable }>;
type Found = readonly [service: string, held: Held];

/** The cgroup of a service; then, the daemon is in there now, and who was before. */
type Home = Readonly<{ spec: Spec; folder: string }>;
type Placed = Home & Readonly<{ members: readonly Pid[] }>;

/** A minute, in clock ticks: os/placement.ts takes a second, and more where there is no processor. */
const placedWithin = 6000;

export class Placing {
  readonly #os: PlacingOs;
  readonly #since: number;
  readonly #ownerOf: OwnerOf;

  /** `since`: when this esmd began, in clock ticks since boot. */
  constructor(os: PlacingOs, since: number, ownerOf: OwnerOf) {
    this.#os = os;
    this.#since = since;
    this.#ownerOf = ownerOf;
  }

  /** What the last esmd had started just before it died, and wrote down. */
  placeYoung(services: Services, heldFor: (process: Process) => Held | null): void {
    const young: Found[] = [];
    for (const [name, service] of services) {
      for (const process of processesOf(service)) {
        const held = this.#isYoung(process) ? heldFor(process) : null;
        if (held !== null) young.push([name, held]);
      }
    }
    this.place(services, young);
  }

  /** All at once: each time takes a scan. */
  place(services: Services, daemons: readonly Found[]): void {
    const placed = daemons.flatMap(([name, held]) => this.#move(services.get(name), held) ?? []);
    if (placed.length === 0) return;
    const { cgroups, processes } = this.#os;
    const marked = new Marked(processes.scan(), this.#since, this.#ownerOf);
    for (const { spec, folder, members } of placed) {
      for (const { pid } of marked.familyOf(spec)) {
        if (!members.includes(pid)) cgroups.place(folder, pid);
      }
    }
  }

  /** Null: it belongs nowhere, or has been there for long. What it forks from here on is born there. */
  #move(service: Service | undefined, held: Held): Placed | null {
    const home = this.#homeOf(service);
    if (home === null) return null;
    const { cgroups, processes } = this.#os;
    const { pid, startTime } = held;
    const members = cgroups.members(home.folder);
    const isThere = members.includes(pid);
    // Who moved it last may have died before what it had forked by then was brought along.
    if (isThere && !this.#isYoung(held)) return null;
    const entry = processes.read(pid);
    if (entry?.startTime !== startTime || entry.marker?.service !== home.spec.name) return null;
    if (!isThere) cgroups.place(home.folder, pid);
    return { ...home, members: [...members, pid] };
  }

  #homeOf(service: Service | undefined): Home | null {
    const spec = service?.spec;
    // A start command goes there by itself, and so does what comes of it.
    if (spec?.launch.type !== 'command' || spec.kill !== 'group') return null;
    const folder = this.#os.cgroups.folder(spec.name);
    return folder === null ? null : { spec, folder };
  }

  /** Whether it may not be in its cgroup yet, though the esmd that started it meant to put it there. */
  #isYoung({ startTime }: Pick<Process, 'startTime'>): boolean {
    return startTime >= this.#since - placedWithin && startTime <= this.#since;
  }
}
