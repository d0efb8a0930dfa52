/** The private machine of `make run`: the best one that this host and this user can have. */

import { bootLight } from '../init/lib/light.js';
import type { Machine } from '../init/lib/machine.js';
import { downloadPackages } from '../init/lib/packages.js';
import { isPrivileged } from '../init/lib/places.js';
import { bootUnpacked } from '../init/lib/unpacked.js';
import { bootWhole } from '../init/lib/whole.js';
import { installedSamples, sampleFiles } from './sample.js';
import { say } from './say.js';

export type Set = Readonly<{ machine: Machine; services: readonly string[]; hasScripts: boolean }>;

export async function bootSet(): Promise<Set> {
  if (!havePackages()) return bootSmallSet();
  say(
    isPrivileged
      ? 'Booting a private machine: sysvinit, rsyslog and cron from Debian, in namespaces.'
      : 'Booting a private machine in user namespaces, as you are not root: sysvinit, rsyslog and cron from Debian.',
  );
  const boot = isPrivileged ? bootWhole : bootUnpacked;
  const machine = await boot({ files: sampleFiles, beforeInit: useSamples });
  return { machine, services: [...installedSamples, 'sampled'], hasScripts: true };
}

/** The samples that are installed with esmd, put to use as they are. */
async function useSamples(machine: Machine): Promise<void> {
  for (const name of installedSamples) {
    const sample = `/usr/share/doc/esmd/examples/services/${name}.toml`;
    await machine.must(['cp', sample, '/etc/esmd/services/']);
  }
}

async function bootSmallSet(): Promise<Set> {
  say(
    'Debian packages are out of reach: booting a private machine with busybox init and the sample daemon alone.',
  );
  const machine = await bootLight({
    init: 'busybox',
    inittab: [
      { id: 'em', action: 'wait', process: '/etc/init.d/esm start' },
      { id: 'es', action: 'respawn', process: '/usr/sbin/esmd' },
    ],
    files: sampleFiles,
  });
  return { machine, services: ['sampled'], hasScripts: false };
}

function havePackages(): boolean {
  try {
    return downloadPackages().length > 0;
  } catch (error) {
    const { stderr } = error as { stderr?: unknown };
    say(`apt-get says: ${lastLine(typeof stderr === 'string' ? stderr : String(error))}`);
    return false;
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
