/** A private machine to measure in: busybox init as PID 1, esmd under it, daemons in slots. */

import { readFileSync } from 'node:fs';
import { inittab, type Entry } from '../test/init/lib/inittab.js';
import { Machine } from '../test/init/lib/machine.js';
import { needProgram } from '../test/init/lib/places.js';
import type { Files } from '../test/init/lib/root-files.js';
import { installedEsmd } from '../test/init/lib/stage.js';
import { program } from './programs.js';
import { allRun, awaitStatus, type Answer } from './status.js';

/** See births.h. */
export const birthsFile = '/run/bench/births';
const slots = 2048;
const slotSize = 16;

/** Nobody was born yet. */
export const noBirths = { text: '\0'.repeat(slots * slotSize), mode: 0o666 };

/** Where init's executing esmd is told. */
const esmdSlot = slots - 1;

const busybox = '/usr/bin/busybox';

/** The script that executes Node. */
export const wrapper = '/usr/sbin/esmd';

export type Birth = Readonly<{ count: number; pid: number; at: bigint }>;

/** Who was born last in a slot of a machine, and when: CLOCK_MONOTONIC, in nanoseconds. */
export function birthIn(machine: Machine, slot: number): Birth {
  const bytes = readFileSync(machine.files.path(birthsFile)).subarray(slot * slotSize);
  return {
    count: bytes.readUInt32LE(0),
    pid: bytes.readInt32LE(4),
    at: bytes.readBigUInt64LE(8),
  };
}

export type PlaceOptions = Readonly<{
  /** The layer that buildPrograms made. */
  programs: string;
  /** By name: the text of the file. */
  services: Readonly<Record<string, string>>;
  entries?: readonly Entry[];
  files?: Files;
}>;

export class Place {
  readonly machine: Machine;
  readonly #services: number;

  private constructor(machine: Machine, services: number) {
    this.machine = machine;
    this.#services = services;
  }

  /** Resolves when every service lives. */
  static async make({ programs, services, entries = [], files }: PlaceOptions): Promise<Place> {
    const esmd = installedEsmd();
    const box = needProgram('busybox');
    const definitions = Object.entries(services).map(
      ([name, text]) => [`/etc/esmd/services/${name}.toml`, text] as const,
    );
    const lines: readonly Entry[] = [
      { id: 'sy', action: 'respawn', process: `${busybox} syslogd -n -O /var/log/syslog` },
      ...entries,
      { id: 'es', action: 'respawn', process: `${program('stamp')} ${esmdSlot} ${wrapper}` },
    ];
    const machine = await Machine.boot({
      init: ['/sbin/init'],
      layers: [...esmd.layers, programs],
      binds: [[box, busybox], [box, '/usr/sbin/init'], ...esmd.binds],
      powerOff: [busybox, 'poweroff'],
      files: {
        '/etc/inittab': inittab('busybox', lines),
        '/run/esm.state': 'version 1\nmode run\nend\n',
        [birthsFile]: noBirths,
        ...Object.fromEntries(definitions),
        ...files,
      },
    });
    const place = new Place(machine, Object.keys(services).length);
    await place.allRun();
    return place;
  }

  /** The first status in which every service lives. */
  allRun(): Promise<Answer> {
    return awaitStatus(this.machine, allRun(this.#services), 'every service to run');
  }

  /** Who was born last in a slot. */
  birth(slot: number): Birth {
    return birthIn(this.machine, slot);
  }

  /** The esmd of now, and when init executed it. */
  esmd(): Birth {
    return this.birth(esmdSlot);
  }

  /** The host's number of a process of the machine. */
  hostPid(pid: number): number {
    const hostPid = this.machine.hostPidOf(pid);
    if (hostPid === null) throw new Error(`There is no process ${pid}\n${this.machine.describe()}`);
    return hostPid;
  }

  esmdHostPid(): number {
    return this.hostPid(this.esmd().pid);
  }

  /** Kills esmd, and waits until init has executed the next. */
  async killEsmd(): Promise<void> {
    // More than four starts within two minutes would make it careful; these are no crashes.
    this.machine.files.remove('/run/esmd/starts');
    const { count, pid } = this.esmd();
    this.machine.kill(pid);
    await this.machine.waitFor(() => this.esmd().count > count, 'init to start esmd again');
  }
}
