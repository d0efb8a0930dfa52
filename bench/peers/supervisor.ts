/** Supervisor: one Python process, which starts and watches the daemons. */

import { debianPackages } from './debian.js';
import type { Peer, Service, Setting } from './peer.js';

const configuration = '/etc/supervisor/supervisord.conf';

const head = `[supervisord]
nodaemon=true
logfile=/var/log/supervisord.log
pidfile=/run/supervisord.pid
user=root

[unix_http_server]
file=/run/supervisor.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix:///run/supervisor.sock
`;

const program = ({ name, command }: Service, setting: Setting): string =>
  [
    `[program:${name}]`,
    `command=${command.join(' ')}`,
    'autorestart=true',
    ...(setting === 'fastest' ? ['startsecs=0', 'startretries=1000000'] : []),
    '',
  ].join('\n');

export const supervisor: Peer = {
  name: 'supervisor',
  kinds: ['foreground'],
  settings: {
    recommended: 'autorestart=true, else defaults',
    fastest: 'startsecs=0, startretries=1000000',
  },
  install: () => debianPackages('supervisor'),
  setUp: (services, setting) => ({
    files: {
      [configuration]: [head, ...services.map((service) => program(service, setting))].join('\n'),
    },
    entries: [
      { id: 'pe', action: 'respawn', process: `/usr/bin/supervisord -n -c ${configuration}` },
    ],
  }),
  isSupervisor: ({ args }) => args.includes('/usr/bin/supervisord'),
  stop: ({ name }) => ['/usr/bin/supervisorctl', '-c', configuration, 'stop', name],
};
