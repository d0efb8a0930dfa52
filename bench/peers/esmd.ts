/** esmd, installed from this tree. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../test/init/lib/places.js';
import { installedEsmd } from '../../test/init/lib/stage.js';
import { shellScript, type Peer, type Service, type Setting } from './peer.js';

const version = (): string =>
  (JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string })
    .version;

const script = ({ name }: Service): string => `/etc/init.d/${name}`;

const strings = (list: readonly string[]): string =>
  `[${list.map((each) => JSON.stringify(each)).join(', ')}]`;

const patient = 'probation = "50ms"\n[restart]\nlimit = 10000\ndelay = "0s"\n';

function definition(service: Service, setting: Setting): string {
  const { command, pidFile } = service;
  const [program = '', ...args] = command;
  const what =
    pidFile === null
      ? [`command = ${strings(command)}`]
      : [
          `start = ${strings([script(service), 'start'])}`,
          `pidfile = "${pidFile}"`,
          `match = { exe = "${program}", args = ${strings(args)} }`,
        ];
  return `${what.join('\n')}\n${setting === 'fastest' ? patient : ''}`;
}

export const esmd: Peer = {
  name: 'esmd',
  remark:
    'it gives itself a nice value of -10, and runs in real time while it answers several deaths at ' +
    'once; what it starts does neither',
  kinds: ['foreground', 'pidfile'],
  settings: {
    recommended: 'defaults',
    fastest: 'restart.delay 0s, restart.limit 10000, probation 50ms',
  },
  install: () => ({ ...installedEsmd(), version: version() }),
  setUp: (services, setting) => ({
    files: {
      '/run/esm.state': 'version 1\nmode run\nend\n',
      ...Object.fromEntries(
        services.map((service) => [
          `/etc/esmd/services/${service.name}.toml`,
          definition(service, setting),
        ]),
      ),
      ...Object.fromEntries(
        services
          .filter(({ pidFile }) => pidFile !== null)
          .map((service) => [script(service), shellScript(`exec ${service.command.join(' ')}`)]),
      ),
    },
    entries: [{ id: 'pe', action: 'respawn', process: '/usr/sbin/esmd' }],
  }),
  isSupervisor: ({ args }) => args.some((each) => each.endsWith('/esmd.js')),
  stop: ({ name }) => ['/usr/sbin/esmctl', 'stop', name],
};
