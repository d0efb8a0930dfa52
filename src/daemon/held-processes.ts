/**
 * Every process that is held, and for which service: the shell's side of what records name. A
 * record decides what is held; here the rest is let go.
 */

import type { Process } from '../core/process.js';
import { isSameProcess } from '../core/process.js';
import type { Service } from '../core/service/record.js';
import { processesOf } from '../core/service/record.js';
import type { Held } from '../os/os.js';

/** A stranger whose parent does not reap it has no status for us; so many are waited for. */
const waitedFor = 256;

type Identity = Readonly<{ pid: number; startTime: number }>;
const key = ({ pid, startTime }: Identity): string => `${pid}:${startTime}`;

export class HeldProcesses {
  readonly #held = new Map<string, Readonly<{ held: Held; service: string }>>();
  /** Strangers that have died and whose status the kernel has yet to tell. */
  readonly #dying = new Map<Held, string>();

  add(held: Held, service: string): void {
    const known = this.#held.get(key(held));
    if (known !== undefined && known.held !== held) known.held.release();
    this.#held.set(key(held), { held, service });
  }

  get(process: Identity): Held | null {
    return this.#held.get(key(process))?.held ?? null;
  }

  /** Whose process this is, alive or dying; null: nobody's (any more). */
  ownerOf(process: Identity): string | null {
    return this.#held.get(key(process))?.service ?? null;
  }

  /** The service that a reaped stranger belonged to; it is let go with this. */
  reaped(held: Held): string | null {
    const service = this.#dying.get(held) ?? this.ownerOf(held);
    if (this.#dying.delete(held)) held.release();
    return service;
  }

  /** Lets go of what a service's record named before and does not name any more. */
  reconcile(before: Service, after: Service | undefined): void {
    if (before.actual === after?.actual) return;
    for (const process of processesOf(before)) this.settle(process, before.spec.name, after);
  }

  /** Lets go of a process that `name` has, unless its record, as it is now, names that process. */
  settle(process: Process, name: string, service: Service | undefined): void {
    // Under a new name it may be kept: see claim.
    if (this.ownerOf(process) !== name) return;
    const isNamed =
      service !== undefined && processesOf(service).some((one) => isSameProcess(one, process));
    if (!isNamed) this.#letGo(process);
  }

  /** A service took over what another held: its definition has a new name. The old one. */
  claim(service: Service): string | null {
    let former: string | null = null;
    for (const process of processesOf(service)) {
      const known = this.#held.get(key(process));
      if (known === undefined) continue;
      former = known.service;
      this.add(known.held, service.spec.name);
    }
    return former;
  }

  #letGo(process: Process): void {
    const known = this.#held.get(key(process));
    if (known === undefined) return;
    this.#held.delete(key(process));
    const { held, service } = known;
    if (held.origin === 'child' || held.means !== 'pidfd' || held.isAlive()) {
      held.release();
      return;
    }
    this.#dying.set(held, service);
    const [oldest] = this.#dying.size > waitedFor ? this.#dying.keys() : [];
    if (oldest !== undefined) this.reaped(oldest);
  }
}
