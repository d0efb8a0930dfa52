/** The machine of the soak test, what is wanted of its services, and what has been done to it. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guarded } from '../../test/init/lib/guarded.js';
import { bootLight } from '../../test/init/lib/light.js';
import type { Machine } from '../../test/init/lib/machine.js';
import { needProgram, repository } from '../../test/init/lib/places.js';
import type { Process } from '../../test/init/lib/processes.js';
import { Journal } from './journal.js';
import type { Random } from './random.js';
import { actor, folder, kinds, serviceFiles, type Kind } from './services.js';

/** `open`: it may run or not, since nobody watches over it at the moment. */
export type Wanted = 'up' | 'down' | 'open';

/** What was done has led to what must not be. */
export class Violation extends Error {}

/** What actors have told: nothing but `reports` is news that nobody wants. */
const files = {
  reports: `${folder}/reports`,
  lives: `${folder}/lives`,
  decoys: `${folder}/decoys`,
};

export class World {
  readonly guarded: Guarded;
  readonly random: Random;
  readonly journal = new Journal();
  /** The esmd that lives and has to go on; null while it may be dead. */
  esmdPid: number | null = null;
  /** Until then nothing has to have been restarted: a time of performance.now(), or Infinity. */
  excusedUntil = 0;
  readonly #wanted = new Map<string, Wanted>();

  private constructor(guarded: Guarded, random: Random) {
    this.guarded = guarded;
    this.random = random;
  }

  /** Resolves when every service runs. */
  static async make(random: Random): Promise<World> {
    const machine = await bootLight({
      init: 'busybox',
      inittab: [{ id: 'es', action: 'respawn', process: '/usr/sbin/esmd' }],
      files: {
        ...serviceFiles(),
        '/run/esm.state': 'version 1\nmode boot\nend\n',
        [files.lives]: { text: '', mode: 0o666 },
        [files.reports]: { text: '', mode: 0o666 },
        [files.decoys]: { text: '', mode: 0o666 },
      },
    });
    const world = new World(new Guarded(machine), random);
    try {
      await machine.must(['sh', '-c', `mkdir ${folder}/locks; chmod 1777 ${folder}/locks`]);
      machine.writeFile(actor, '');
      machine.files.write(actor, compileActor(), 0o755);
      await world.guarded.waitUntilReachable();
      await machine.must(['/etc/init.d/esm', '--force', 'start']);
      world.esmdPid = await world.guarded.esmdPid();
      for (const kind of kinds) world.want(kind, 'up');
      return world;
    } catch (error) {
      await machine.destroy();
      throw error;
    }
  }

  get machine(): Machine {
    return this.guarded.machine;
  }

  wanted(kind: Kind): Wanted {
    return this.#wanted.get(kind.name) ?? 'open';
  }

  want(kind: Kind, wanted: Wanted): void {
    this.#wanted.set(kind.name, wanted);
  }

  those(wanted: Wanted): readonly Kind[] {
    return kinds.filter((kind) => this.wanted(kind) === wanted);
  }

  /** It cannot start, as what it needs is not there. */
  waits({ needs }: Kind): boolean {
    const needed = kinds.find(({ name }) => name === needs);
    return needed !== undefined && this.wanted(needed) !== 'up';
  }

  /** While `act` goes on nothing has to be restarted, as nobody could. */
  async hinder<T>(act: () => Promise<T>): Promise<T> {
    this.excusedUntil = Infinity;
    try {
      return await act();
    } finally {
      this.excusedUntil = performance.now();
    }
  }

  /** Processes that are the service, as far as its command line says: one at most, and decoys. */
  mains(kind: Kind, among: readonly Process[] = this.machine.processes()): readonly number[] {
    return among
      .filter(({ state, args: [program, verb, name] }) => {
        const isMain = program === actor && (verb === 'run' || verb === 'serve');
        return isMain && name === kind.name && state !== 'Z' && state !== 'X';
      })
      .map(({ pid }) => pid);
  }

  /** The daemon itself; null while there is none. */
  main(kind: Kind): number | null {
    const decoys = this.decoys();
    return this.mains(kind).find((pid) => !decoys.includes(pid)) ?? null;
  }

  /** Numbers of the decoys that have begun and not ended. */
  decoys(): readonly number[] {
    const alive = new Set<number>();
    for (const [word, pid] of this.#lines(files.decoys)) {
      if (word === 'begin') alive.add(Number(pid));
      else alive.delete(Number(pid));
    }
    return [...alive];
  }

  /** How many decoys have ever begun: until then one that looks like a daemon is taken for it. */
  decoysBegun(): number {
    return this.#lines(files.decoys).filter(([word]) => word === 'begin').length;
  }

  /** What an actor has told of a second copy, a worker left over, a signal to a stranger. */
  reports(): readonly string[] {
    return this.#lines(files.reports).map((words) => words.join(' '));
  }

  /** How many daemons there have been. */
  lives(): number {
    return this.#lines(files.lives).length;
  }

  #lines(path: string): readonly (readonly string[])[] {
    const text = this.machine.readFile(path);
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '));
  }
}

function compileActor(): Uint8Array {
  const temporary = mkdtempSync(join(tmpdir(), 'esmd-soak-'));
  try {
    const source = join(repository, 'bench/soak/actor.c');
    const options = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
    const program = join(temporary, 'actor');
    execFileSync(needProgram('cc'), [...options, '-o', program, source]);
    return readFileSync(program);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
