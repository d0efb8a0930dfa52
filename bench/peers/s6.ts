/** s6: s6-svscan starts one s6-supervise per service, which starts and watches the daemon. */

import { debianPackages } from './debian.js';
import { shellScript, type Peer, type Service, type Setting, type Setup } from './peer.js';

const folder = '/run/service';

const execline = ({ command }: Service) => ({
  text: `#!/usr/bin/execlineb -P\n${command.join(' ')}\n`,
  mode: 0o755,
});

/** What is ready is restarted at once when it has been that for a second; see notification-fd. */
const ready = ({ command }: Service) => shellScript('echo >&3', `exec ${command.join(' ')} 3>&-`);

const filesOf = (service: Service, setting: Setting): Setup['files'] => {
  const { name } = service;
  return setting === 'fastest'
    ? { [`${folder}/${name}/run`]: ready(service), [`${folder}/${name}/notification-fd`]: '3\n' }
    : { [`${folder}/${name}/run`]: execline(service) };
};

export const s6: Peer = {
  name: 's6',
  kinds: ['foreground'],
  settings: {
    recommended: 'run scripts of execline',
    fastest: 'run scripts of sh that tell readiness at once (notification-fd)',
  },
  remark:
    'a daemon that puts itself into the background is not its child any more; s6-fghack, which its own manual calls a hack, was not tried',
  install: () => debianPackages('s6', 'execline'),
  setUp: (services, setting) => ({
    files: Object.assign(
      {},
      ...services.map((service) => filesOf(service, setting)),
    ) as Setup['files'],
    entries: [{ id: 'pe', action: 'respawn', process: `/usr/bin/s6-svscan ${folder}` }],
  }),
  isSupervisor: ({ name }) => name === 's6-svscan' || name === 's6-supervise',
  stop: ({ name }) => ['/usr/bin/s6-svc', '-d', `${folder}/${name}`],
};
