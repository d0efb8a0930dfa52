/**
 * A wall clock that a test sets, for chosen processes of a machine: libfaketime answers them with
 * the real time and an offset. The machine's clock, which is the host's, is never touched, and the
 * monotonic clock stays true, as it does when somebody sets the time.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.js';
import type { Files } from './root-files.js';

const program = '/usr/local/sbin/with-clock';
const offsetFile = '/etc/clock-offset';

/** The command line that runs `command`, a path and arguments, by that clock. */
export const withClock = (command: string): string => `${program} ${command}`;

/** To be put into a machine whose inittab or services use {@link withClock}. */
export function clockFiles(offset = '+0'): Files {
  const text = `#!/bin/sh
export LD_PRELOAD=${findLibrary()}
export FAKETIME_TIMESTAMP_FILE=${offsetFile} FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1
exec "$@"
`;
  return { [program]: { text, mode: 0o755 }, [offsetFile]: offset };
}

/** Sets the clock, at once for what already runs: `+1h`, `-1y`, `+0` as in faketime(1). */
export function setClock(machine: Machine, offset: string): void {
  machine.files.replace(offsetFile, offset);
}

function findLibrary(): string {
  // Debian: a folder for each architecture. MT: the one for programs with threads.
  for (const name of readdirSync('/usr/lib')) {
    const folder = join('/usr/lib', name, 'faketime');
    try {
      if (readdirSync(folder).includes('libfaketimeMT.so.1')) return `${folder}/libfaketimeMT.so.1`;
    } catch {
      continue;
    }
  }
  throw new Error('Cannot find libfaketime: run "make apt-packages"');
}
