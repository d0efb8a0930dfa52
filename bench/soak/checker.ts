/** Looks at the machine throughout, and says when something is the case that must not be. */

import type { Process } from '../../test/init/lib/processes.js';
import { kinds, type Kind } from './services.js';
import { Violation, type World } from './world.js';

const pauseMs = 100;

/** A command that stops a service has answered; its process may be seen once more. */
const mostLooks = 2;

export class Checker {
  readonly #world: World;
  readonly #absentSince = new Map<string, number>();
  /** How often in a row something was seen that is wrong if it lasts. */
  readonly #looks = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  /** The longest that a service was away, however it came about. Milliseconds. */
  longestAbsence = 0;
  violation: Violation | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    this.#timer = setInterval(() => {
      try {
        this.look();
      } catch (error) {
        this.violation ??= error instanceof Violation ? error : new Violation(String(error));
      }
    }, pauseMs);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Throws what is wrong. */
  look(): void {
    const world = this.#world;
    if (world.machine.hasEnded) throw new Violation('The machine has ended');
    const decoys = world.decoys();
    const processes = world.machine.processes();
    const report = world.reports()[0];
    if (report !== undefined) throw new Violation(`An actor tells: ${report}`);
    this.#lookAtEsmd(processes);
    this.#lookAtDecoys(decoys, processes);
    for (const kind of kinds) this.#lookAtService(kind, decoys, processes);
  }

  #lookAtEsmd(processes: readonly Process[]): void {
    const { esmdPid } = this.#world;
    if (esmdPid === null) return;
    const esmd = processes.find(({ pid }) => pid === esmdPid);
    if (esmd === undefined || esmd.state === 'Z') {
      throw new Violation(`esmd, process ${esmdPid}, has died by itself`);
    }
  }

  #lookAtDecoys(decoys: readonly number[], processes: readonly Process[]): void {
    const lives = (pid: number): boolean =>
      processes.some((process) => process.pid === pid && !/[ZXT]/.test(process.state));
    for (const pid of decoys) {
      // It may have come to its end since it was last heard of.
      if (!lives(pid) && this.#world.decoys().includes(pid)) {
        throw new Violation(`A stranger, process ${pid}, was stopped or killed`);
      }
    }
  }

  #lookAtService(kind: Kind, decoys: readonly number[], processes: readonly Process[]): void {
    const found = this.#world.mains(kind, processes).filter((pid) => !decoys.includes(pid));
    const wanted = this.#world.wanted(kind);
    this.#lasting(`Two copies of "${kind.name}": ${found.join(', ')}`, found.length > 1);
    this.#lasting(
      `"${kind.name}" runs although it was stopped`,
      wanted === 'down' && found.length > 0,
    );
    this.#lookForAbsence(kind, wanted === 'up' && found.length === 0 && !this.#world.waits(kind));
  }

  #lookForAbsence(kind: Kind, isAbsent: boolean): void {
    const now = performance.now();
    if (!isAbsent) {
      this.#absentSince.delete(kind.name);
      return;
    }
    const since = this.#absentSince.get(kind.name) ?? now;
    this.#absentSince.set(kind.name, since);
    this.longestAbsence = Math.max(this.longestAbsence, now - since);
    // Time in which nobody could start it does not count.
    if (now - Math.max(since, this.#world.excusedUntil) <= kind.boundMs) return;
    throw new Violation(`"${kind.name}" is wanted and has not run for ${kind.boundMs / 1000} s`);
  }

  #lasting(what: string, isSo: boolean): void {
    const looks = isSo ? (this.#looks.get(what) ?? 0) + 1 : 0;
    this.#looks.set(what, looks);
    if (looks > mostLooks) throw new Violation(what);
    if (looks === 0) this.#looks.delete(what);
  }
}
