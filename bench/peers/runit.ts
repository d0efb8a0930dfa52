/** runit: runsvdir starts one runsv per service, which starts and watches the daemon. */

import { debianPackages } from './debian.js';
import { shellScript, type Peer, type Service } from './peer.js';

const folder = '/etc/service';

const runScript = ({ name, command }: Service) =>
  [`${folder}/${name}/run`, shellScript(`exec ${command.join(' ')}`)] as const;

export const runit: Peer = {
  name: 'runit',
  kinds: ['foreground'],
  settings: { recommended: 'run scripts of sh; nothing can be set' },
  install: () => debianPackages('runit'),
  setUp: (services) => ({
    files: Object.fromEntries(services.map(runScript)),
    entries: [{ id: 'pe', action: 'respawn', process: `/usr/bin/runsvdir -P ${folder}` }],
  }),
  isSupervisor: ({ name }) => name === 'runsvdir' || name === 'runsv',
  stop: ({ name }) => ['/usr/bin/sv', 'down', `${folder}/${name}`],
};
