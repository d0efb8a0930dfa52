/** Where cgroup v2 is mounted, and which place in it this process has. See cgroups(7). */

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readMounts, type Mounts } from './mounts.js';

/**
 * The folder of the cgroup that this process is in now; null without cgroup v2, or where our
 * place lies outside of what is mounted, as in some containers.
 */
export function ownCgroup(mounts: Mounts = readMounts()): string | null {
  const mount = [...mounts.values()].find(({ type }) => type === 'cgroup2');
  if (mount === undefined) return null;
  let text: string;
  try {
    text = readFileSync('/proc/self/cgroup', 'utf8');
  } catch {
    return null;
  }
  // The line of the one hierarchy of version 2 begins with "0::"; version 1 has others.
  const place = /^0::(\/.*)$/m.exec(text)?.[1];
  if (place === undefined) return null;
  // The place counts from the root of the hierarchy (of our cgroup namespace), the mount may not.
  const below = relative(mount.root, place);
  return below === '..' || below.startsWith('../') ? null : join(mount.point, below);
}

/** The file that lists the processes of a cgroup, and that one writes to in order to move one. */
export const processesOf = (folder: string): string => `${folder}/cgroup.procs`;
