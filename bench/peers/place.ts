/** A private machine in which a peer keeps the C daemon alive, so many times. */

import { inittab, type Entry } from '../../test/init/lib/inittab.js';
import { syslogd } from '../../test/init/lib/light.js';
import { Machine } from '../../test/init/lib/machine.js';
import { needProgram } from '../../test/init/lib/places.js';
import { birthIn, birthsFile, noBirths } from '../place.js';
import { program } from '../programs.js';
import type { Installed, Kind, Peer, Service, Setting } from './peer.js';

const busybox = '/usr/bin/busybox';
const bootTimeoutMs = 60_000;

/** A peer that was found, in one of its settings. */
export type Candidate = Readonly<{ peer: Peer; setting: Setting; installed: Installed }>;

export function serviceAt(slot: number, kind: Kind): Service {
  const name = `bench-${slot}`;
  const pidFile = kind === 'pidfile' ? `/run/${name}.pid` : null;
  const args = [String(slot), ...(pidFile === null ? [] : [pidFile])];
  return { name, command: [program('daemon'), ...args], pidFile };
}

/** So many services of one kind. */
export const servicesOf = (kind: Kind, number: number): readonly Service[] =>
  Array.from({ length: number }, (_, slot) => serviceAt(slot, kind));

/** Boots a machine; whether the services live by then, {@link awaitBirths} waits for. */
export function bootPeer(
  programs: string,
  { peer, setting, installed }: Candidate,
  services: readonly Service[],
): Promise<Machine> {
  const { files, entries, init = ['/sbin/init'] } = peer.setUp(services, setting);
  const syslogEntry: Entry = {
    id: 'sy',
    action: 'respawn',
    process: syslogd,
  };
  const box = needProgram('busybox');
  return Machine.boot({
    init,
    layers: [...installed.layers, programs],
    binds: [[box, busybox], [box, '/usr/sbin/init'], ...installed.binds],
    powerOff: [busybox, 'poweroff'],
    files: {
      '/etc/inittab': inittab('busybox', [syslogEntry, ...entries]),
      [birthsFile]: noBirths,
      ...files,
    },
  });
}

/** Until the daemons of the first `number` slots have been started. */
export async function awaitBirths(machine: Machine, number: number): Promise<void> {
  const slots = Array.from({ length: number }, (_, slot) => slot);
  const areBorn = (): boolean => slots.every((slot) => birthIn(machine, slot).count > 0);
  await machine.waitFor(areBorn, 'every service to live', bootTimeoutMs);
}
