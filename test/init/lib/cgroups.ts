/** The cgroup folders of a machine on the host: one where services go, one to limit processes. */

import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Cgroups = Readonly<{
  /** Version 2; the machine sees it as the root of its own /sys/fs/cgroup. */
  unified: string | null;
  /** Where pids.max is: of version 1 where that has the pids controller. */
  pids: string | null;
}>;

let count = 0;

/** Names folders that nobody else uses; the keeper makes and removes them. */
export function nameCgroups(): Cgroups {
  const name = `esmd-machine.${process.pid}.${++count}`;
  const place = (mount: string | null): string | null =>
    mount === null ? null : join(mount, name);
  const unified = place(findMount('cgroup2', null));
  return { unified, pids: place(findMount('cgroup', 'pids')) ?? unified };
}

export const foldersOf = ({ unified, pids }: Cgroups): readonly string[] =>
  [...new Set([unified, pids])].filter((folder) => folder !== null);

/** At most `most` processes at once in the machine (and what init started); null: no limit. */
export function limitProcesses({ pids }: Cgroups, most: number | null): void {
  if (pids === null) throw new Error('Cannot limit processes: no pids controller to be had');
  const file = join(pids, 'pids.max');
  // cgroups(7): version 2 has a controller where the folder above hands it down.
  if (!existsSync(file)) writeFileSync(join(dirname(pids), 'cgroup.subtree_control'), '+pids');
  writeFileSync(file, String(most ?? 'max'));
}

/** A mounted hierarchy that this process may add to; null without. */
function findMount(type: string, controller: string | null): string | null {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    // proc_pid_mountinfo(5): six fields, optional ones, " - ", type, source, super options.
    const [mount = '', superblock = ''] = line.split(' - ');
    const path = mount.split(' ')[4];
    const [kind, , options = ''] = superblock.split(' ');
    if (path === undefined || kind !== type) continue;
    if (controller !== null && !options.split(',').includes(controller)) continue;
    if (isWritable(path)) return path;
  }
  return null;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
