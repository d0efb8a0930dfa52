/** OpenRC's supervise-daemon: one process per service, which the service's script starts. */

import { debianPackages } from './debian.js';
import { shellScript, type Peer, type Service, type Setting } from './peer.js';

const program = '/sbin/supervise-daemon';
const boot = '/etc/init.d/bench-boot';

/** It finds itself again by this file, and tells its service by the variable. */
const itself = ({ name }: Service): string =>
  `RC_SVCNAME=${name} ${program} ${name} --pidfile /run/${name}.supervisor.pid`;

const start =
  (setting: Setting) =>
  (service: Service): string => {
    const [daemon = '', ...args] = service.command;
    const options = setting === 'fastest' ? '--respawn-max 0' : '';
    return `${itself(service)} --start ${options} ${daemon} -- ${args.join(' ')}`;
  };

export const openrc: Peer = {
  name: 'openrc',
  kinds: ['foreground'],
  settings: {
    recommended: 'supervise-daemon with its defaults',
    fastest: 'supervise-daemon --respawn-max 0',
  },
  install: () => debianPackages('openrc'),
  setUp: (services, setting) => ({
    files: {
      '/run/openrc/options/.keep': '',
      '/run/openrc/started/.keep': '',
      [boot]: shellScript(...services.map(start(setting))),
    },
    entries: [{ id: 'pe', action: 'once', process: boot }],
  }),
  isSupervisor: ({ name }) => name === 'supervise-daemo',
  stop: (service) => ['sh', '-c', `${itself(service)} --stop`],
};
