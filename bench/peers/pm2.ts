/** pm2, from npm: one Node process, which starts and watches the daemons. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../test/init/lib/places.js';
import { shellScript, type Installed, type Peer, type Service, type Setting } from './peer.js';

const version = '7.0.4';
const library = '/usr/lib/pm2';
const configuration = '/etc/pm2.json';
const script = '/etc/init.d/pm2';
const environment = 'HOME=/root PM2_HOME=/run/pm2';

/** Scripts of packages are not run: it is only needed to be there. */
function install(): Installed {
  const folder = join(cacheFolder('npm'), `pm2-${version}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished);
    try {
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      execFileSync('npm', ['install', '--prefix', unfinished, ...options, `pm2@${version}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
      });
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return { layers: [], binds: [[folder, library]], version };
}

const application = ({ name, command }: Service, setting: Setting) => ({
  name,
  script: command[0],
  args: command.slice(1),
  interpreter: 'none',
  exec_mode: 'fork',
  ...(setting === 'fastest' ? { max_restarts: 1_000_000 } : {}),
});

const main = (name: string): string =>
  `${process.execPath} ${library}/node_modules/pm2/bin/${name}`;

export const pm2: Peer = {
  name: 'pm2',
  kinds: ['foreground'],
  settings: {
    recommended: 'pm2-runtime with its defaults',
    fastest: 'max_restarts 1000000',
  },
  install,
  setUp: (services, setting) => ({
    files: {
      [configuration]: JSON.stringify({
        apps: services.map((service) => application(service, setting)),
      }),
      [script]: shellScript(
        `export ${environment}`,
        `exec ${main('pm2-runtime')} start ${configuration}`,
      ),
    },
    entries: [{ id: 'pe', action: 'respawn', process: script }],
  }),
  isSupervisor: ({ args }) => args.some((each) => /pm2/i.test(each)),
  stop: ({ name }) => ['sh', '-c', `${environment} ${main('pm2')} stop ${name}`],
};
