/** Debian's packages in a private place: unpacked, not installed. */

import { basename } from 'node:path';
import { downloadPackages } from '../init/lib/packages.js';
import type { PrivatePlace } from './private-place.js';

// tar rather than dpkg, which would replace links such as /lib by folders.
const unpackOne = 'dpkg-deb --fsys-tarfile "$0" | tar -xC / --keep-directory-symlink';

/**
 * Unpacks those of the downloaded packages whose names begin with one of `wanted`. By default they
 * are downloaded with what every private machine is made of.
 */
export async function unpackPackages(
  place: PrivatePlace,
  wanted: readonly string[],
  downloaded: readonly string[] = downloadPackages(),
): Promise<void> {
  for (const file of downloaded) {
    const name = basename(file);
    if (wanted.some((word) => name.startsWith(word))) {
      await place.must(['sh', '-c', unpackOne, file]);
    }
  }
}
