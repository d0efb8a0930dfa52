/**
 * Whether a process lives in the same world as we do: our PID namespace and our root directory.
 * A daemon of the same name in a container or a chroot is not the one that we look after.
 */

import { readFileSync, readlinkSync, statSync } from 'node:fs';

type World = Readonly<{ pids: string | null; users: string | null; root: string }>;

let own: World | null = null;

/** False also where it cannot be found out: the process has gone, or may not be looked at. */
export function isInOurWorld(pid: number): boolean {
  try {
    own ??= {
      pids: namespace('self', 'pid'),
      users: namespace('self', 'user'),
      root: rootFolder('self'),
    };
    if (namespace(pid, 'pid') !== own.pids) return false;
    if (namespace(pid, 'user') === own.users) return rootFolder(pid) === own.root;
    // Whoever makes a user namespace may choose a root on a filesystem of his own, which can
    // delay its answer to stat(2) for ever: there the mount table, which no filesystem is asked
    // for, has to do.
    const mount = rootMount(pid);
    return mount !== null && mount === rootMount('self');
  } catch {
    return false;
  }
}

/** Null where the kernel was built without them (and where the process has gone). */
function namespace(pid: number | 'self', kind: 'pid' | 'user'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function rootFolder(pid: number | 'self'): string {
  const { dev, ino } = statSync(`/proc/${pid}/root`, { bigint: true });
  return `${dev}:${ino}`;
}

/** Device and folder of what is mounted at its root (the last one counts); null: not a mount. */
function rootMount(pid: number | 'self'): string | null {
  // proc_pid_mountinfo(5): id, parent, major:minor, root, mount point, …
  const table = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  let found: string | null = null;
  for (const [, mount] of table.matchAll(/^\d+ \d+ (\d+:\d+ \S+) \/ /gm)) found = mount ?? null;
  return found;
}
