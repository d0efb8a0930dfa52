/**
 * A whole machine for a user without rights, to whom dpkg's maintainer scripts are of no use: the
 * same packages, unpacked, and by hand what those scripts would do. Only one user exists in there.
 */

import { bootDebian, type DebianOptions } from './boot.js';
import type { Machine } from './machine.js';
import { downloadPackages } from './packages.js';
import type { FileSpec, RootFiles } from './root-files.js';
import { installedEsmd } from './stage.js';

const levels: Readonly<Record<string, readonly string[]>> = {
  S01rsyslog: ['2', '3', '4', '5'],
  S02cron: ['2', '3', '4', '5'],
  K01sendsigs: ['0', '6'],
  K02rsyslog: ['0', '1', '6'],
  K06halt: ['0'],
  K06reboot: ['6'],
};

/** Resolves when run level 2 has been entered: every script of it has ended. */
export function bootUnpacked(options: Omit<DebianOptions, 'hasEsmd'> = {}): Promise<Machine> {
  const esmd = installedEsmd();
  return bootDebian({
    ...options,
    layers: [...downloadPackages(), ...esmd.layers],
    binds: esmd.binds,
    beforeInit: async (machine) => {
      configure(machine.files);
      await options.beforeInit?.(machine);
    },
  });
}

/** What the maintainer scripts of sysvinit-core, orphan-sysvinit-scripts and rsyslog would do. */
function configure(files: RootFiles): void {
  const without = (path: string, pattern: RegExp): string => files.read(path).replace(pattern, '');
  const script = files.read('/usr/share/orphan-sysvinit-scripts/rsyslog');
  const links = Object.entries(levels).flatMap(([link, of]) =>
    of.map((level): [string, FileSpec] => [
      `/etc/rc${level}.d/${link}`,
      { link: `../init.d/${link.slice(3)}` },
    ]),
  );
  files.put({
    '/etc/inittab': without('/usr/share/sysvinit/inittab', /^.*:\/sbin\/getty .*\n/gm),
    '/etc/init.d/rsyslog': { text: script, mode: 0o755 },
    // Neither the kernel's log nor the group that Debian gives its logs to can be had.
    '/etc/rsyslog.conf': without(
      '/etc/rsyslog.conf',
      /^(?:module\(load="imklog"|\$FileGroup).*\n/gm,
    ),
    ...Object.fromEntries(links),
  });
  for (const level of ['S', '0', '1', '2', '3', '4', '5', '6']) {
    files.write(`/etc/rc${level}.d/README`, 'See /etc/init.d.\n');
  }
}
