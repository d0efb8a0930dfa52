/** monit: one process that looks at every pid file in each of its cycles. */

import { debianPackages } from './debian.js';
import { program } from '../programs.js';
import { shellScript, type Peer, type Service, type Setting } from './peer.js';

const configuration = '/etc/monit/monitrc';

const cycleSeconds: Readonly<Record<Setting, number>> = { recommended: 30, fastest: 1 };

const head = (setting: Setting): string => `set daemon ${cycleSeconds[setting]}
set init
set log /var/log/monit.log
set idfile /var/lib/monit/id
set statefile /var/lib/monit/state
set httpd unixsocket /run/monit.sock
  allow admin:monit
`;

const script = ({ name }: Service): string => `/etc/init.d/${name}`;

/** How long a daemon may take to start: monit looks at it again when that is over. */
const patience: Readonly<Record<Setting, string>> = {
  recommended: '',
  fastest: ' with timeout 1 seconds',
};

const check =
  (setting: Setting) =>
  (service: Service): string => `check process ${service.name}
  with pidfile ${service.pidFile ?? ''}
  start program = "${script(service)} start"${patience[setting]}
  stop program = "${script(service)} stop"
`;

const startAndStop = ({ command, pidFile }: Service) =>
  shellScript(
    `if [ "$1" = start ]; then exec ${command.join(' ')}; fi`,
    `pid=$(cat ${pidFile ?? ''})`,
    `[ "$(readlink "/proc/$pid/exe")" = ${program('daemon')} ] && kill "$pid"`,
  );

export const monit: Peer = {
  name: 'monit',
  kinds: ['pidfile'],
  settings: { recommended: 'a cycle of 30 s', fastest: 'a cycle of 1 s, a start timeout of 1 s' },
  remark:
    'a daemon that is killed while monit waits for its start is noticed when the start times out, after 30 s, or one where that is set; it stops a daemon by a script, which sends TERM to what the pid file names, if it is that program',
  install: () => debianPackages('monit'),
  setUp: (services, setting) => ({
    files: {
      [configuration]: {
        text: [head(setting), ...services.map(check(setting))].join('\n'),
        mode: 0o600,
      },
      '/var/lib/monit/.keep': '',
      ...Object.fromEntries(services.map((each) => [script(each), startAndStop(each)])),
    },
    entries: [{ id: 'pe', action: 'respawn', process: `/usr/bin/monit -c ${configuration}` }],
  }),
  isSupervisor: ({ name }) => name === 'monit',
  stop: ({ name }) => ['/usr/bin/monit', '-c', configuration, 'stop', name],
};
