/** Peers that Debian packages: unpacked in the machine, not installed on the host. */

import { basename } from 'node:path';
import { downloadPackages, packageFile } from '../../test/init/lib/packages.js';
import type { Installed } from './peer.js';

/** The packages and what they need; the version is that of the first. Throws where apt cannot. */
export function debianPackages(...names: readonly [string, ...string[]]): Installed {
  const layers = downloadPackages(names);
  const [, version = ''] = basename(packageFile(layers, names[0])).split('_');
  return { layers, binds: [], version: decodeURIComponent(version).replace(/^\d+:/, '') };
}
