/** Booting to the end: the last line of an inittab leaves a mark, and that is waited for. */

import { Machine, type MachineOptions } from './machine.js';

const mark = '/run/booted';
const timeoutMs = 30_000;

/** The command for that last line. */
export const leaveMark = `/bin/touch ${mark}`;

/** Boots a machine whose inittab ends in {@link leaveMark}; resolves when init has come there. */
export async function bootToEnd(options: MachineOptions): Promise<Machine> {
  const machine = await Machine.boot(options);
  try {
    await machine.waitFor(() => machine.files.exists(mark), 'the end of /etc/inittab', timeoutMs);
    return machine;
  } catch (error) {
    await machine.destroy();
    throw error;
  }
}

/** What the machines that have Debian's own run levels have in common. */
export type DebianOptions = Pick<MachineOptions, 'files' | 'beforeInit'> &
  Readonly<{
    /** Puts esmd where `make install` does, and its lines into /etc/inittab. Default: yes. */
    hasEsmd?: boolean;
  }>;

/** Resolves when run level 2 has been entered: every script of it has ended. */
export function bootDebian(
  options: DebianOptions & Pick<MachineOptions, 'layers' | 'binds' | 'overlays'>,
): Promise<Machine> {
  return bootToEnd({
    ...options,
    init: ['/sbin/init'],
    powerOff: ['/sbin/shutdown', '-h', 'now'],
    beforeInit: async (machine) => {
      await options.beforeInit?.(machine);
      if (options.hasEsmd ?? true) await machine.must(['esm-inittab', 'add']);
      machine.files.append('/etc/inittab', `zy:2345:once:${leaveMark}\n`);
    },
  });
}
