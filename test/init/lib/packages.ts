/** Debian packages that machines are made of: downloaded, never installed on the host. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, script } from './places.js';

/** What every machine of Debian's has; `make apt-packages` downloads them beforehand. */
export const machinePackages: readonly string[] = readFileSync(script('machine-packages'), 'utf8')
  .trim()
  .split('\n');

/**
 * Downloads packages, and what they need beyond what the host has; only the first time. Paths of
 * all. Throws, with apt's words, where the archive is out of reach.
 */
export function downloadPackages(names: readonly string[] = machinePackages): readonly string[] {
  const isUsual = names.join() === machinePackages.join();
  const folder = cacheFolder('debs', isUsual ? 'machine' : fingerprint(names.join()));
  execFileSync('sh', [script('debs.sh'), folder, ...names], {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  return readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .toSorted()
    .map((name) => join(folder, name));
}

/** The file of one package among those. */
export function packageFile(files: readonly string[], name: string): string {
  const found = files.find((file) => file.includes(`/${name}_`));
  if (found === undefined) throw new Error(`Cannot find package "${name}"`);
  return found;
}

export const fingerprint = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);
