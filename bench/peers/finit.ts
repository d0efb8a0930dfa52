/** finit: PID 1 itself, hence in its machine in place of the init of the others. */

import { debianPackages } from './debian.js';
import type { Peer, Service, Setting } from './peer.js';

const line =
  (setting: Setting) =>
  ({ name, command, pidFile }: Service): string =>
    [
      // Without an instance of its own the next one of the same program takes its place.
      `service name:${name} :${name.replace(/\D/g, '')} [2345]`,
      ...(pidFile === null ? [] : [`pid:!${pidFile}`]),
      ...(setting === 'fastest' ? ['restart:255', 'restart_sec:0'] : []),
      ...command,
      '-- a daemon',
    ].join(' ');

export const finit: Peer = {
  name: 'finit',
  kinds: ['foreground', 'pidfile'],
  settings: { recommended: 'defaults', fastest: 'restart:255, restart_sec:0' },
  remark:
    'its plugin for pid files does not take over the pid of a daemon that has put itself into the background: initctl goes on showing that of the parent, which has ended',
  install: () => debianPackages('finit', 'finit-plugins'),
  setUp: (services, setting) => ({
    files: {
      '/etc/finit.conf': `${['runlevel 2', ...services.map(line(setting))].join('\n')}\n`,
    },
    entries: [],
    init: ['/sbin/finit'],
  }),
  isSupervisor: ({ pid, name }) => pid === 1 || name === 'finit',
  stop: ({ name }) => ['/lib/finit/initctl', 'stop', `${name}:${name.replace(/\D/g, '')}`],
};
