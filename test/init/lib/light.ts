/**
 * A light machine: Debian's sysvinit or busybox init as PID 1, an inittab, a syslog daemon, and
 * nothing else. It boots in a fraction of a second.
 */

import { inittab, type Entry, type Init } from './inittab.js';
import { bootToEnd, leaveMark } from './boot.js';
import type { Machine } from './machine.js';
import { downloadPackages, packageFile } from './packages.js';
import { needProgram } from './places.js';
import { installedEsmd } from './stage.js';
import type { Files } from './root-files.js';

export type LightOptions = Readonly<{
  init: Init;
  inittab: readonly Entry[];
  files?: Files;
  /** Run level that sysvinit enters first. */
  level?: string;
  /** Puts esmd where `make install` does; to run it, the inittab has to say so. */
  hasEsmd?: boolean;
  /** Without it nothing listens at /dev/log until the test changes that. */
  hasSyslog?: boolean;
  /** Of init, which its children inherit. */
  environment?: Readonly<Record<string, string>>;
}>;

/** Path that busybox has in every light machine. */
export const busybox = '/usr/bin/busybox';

/** syslogd of busybox: each line names facility and severity, as `daemon.emerg`. */
export const syslogd = `${busybox} syslogd -n -O /var/log/syslog`;

/** Resolves when init has started every entry of its inittab. */
export async function bootLight(options: LightOptions): Promise<Machine> {
  const { init, level, hasSyslog = true, hasEsmd = true } = options;
  const before: Entry[] = hasSyslog
    ? [{ id: 'sy', levels: '12345', action: 'respawn', process: syslogd }]
    : [];
  const after: Entry[] = [{ id: 'zy', levels: '12345', action: 'once', process: leaveMark }];
  const isSysvinit = init === 'sysvinit';
  // sysvinit leaves the last step to scripts, busybox does it itself.
  if (isSysvinit) {
    after.push({ id: 'zz', levels: '06', action: 'wait', process: '/sbin/poweroff -f' });
  }
  const entries = [...before, ...options.inittab, ...after];
  const program = needProgram('busybox');
  const esmd = hasEsmd ? installedEsmd() : { layers: [], binds: [] };
  const machine = await bootToEnd({
    init: ['/sbin/init'],
    layers: [
      ...(isSysvinit ? [packageFile(downloadPackages(), 'sysvinit-core')] : []),
      ...esmd.layers,
    ],
    // busybox is what the name of its file says it is.
    binds: [
      [program, busybox],
      ...(isSysvinit ? [] : [[program, '/usr/sbin/init'] as const]),
      ...esmd.binds,
    ],
    powerOff: isSysvinit ? ['/sbin/shutdown', '-h', 'now'] : [busybox, 'poweroff'],
    files: { '/etc/inittab': inittab(init, entries, level), ...options.files },
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  // It listens at once, but not before init has come to the end.
  if (hasSyslog) await machine.waitFor(() => machine.files.exists('/dev/log'), 'syslog');
  return machine;
}
