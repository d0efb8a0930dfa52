/** Where the harness finds and keeps its things on the host. */

import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The checkout: this file runs from build/test/init/lib. */
export const repository = join(import.meta.dirname, '../../../..');

/** A shell script beside the source of this file; scripts are not copied by the build. */
export const script = (name: string): string => join(repository, 'test/init/lib', name);

let cache: string | null = null;

/**
 * A folder in which to keep what is expensive to make: `.cache` of the checkout or, where that
 * belongs to somebody else, one that goes with this process.
 */
export function cacheFolder(...names: readonly string[]): string {
  cache ??= openCache();
  const folder = join(cache, ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function openCache(): string {
  const folder = join(repository, '.cache');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    const temporary = mkdtempSync(join(tmpdir(), 'esmd-cache-'));
    process.once('exit', () => {
      rmSync(temporary, { recursive: true, force: true });
    });
    return temporary;
  }
}

const keptMs = 3_600_000;

/** Removes what was kept in a folder under other names, unless a test may still be using it. */
export function forgetOthers(folder: string, current: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (name !== current && age > keptMs) rmSync(path, { recursive: true, force: true });
  }
}

/** Absolute path of a program of the host; null if it is not installed. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  for (const folder of folders.filter((entry) => entry.startsWith('/'))) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}

/** As {@link findProgram}, for what a suite cannot do without. */
export function needProgram(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`Cannot find "${name}": run "make apt-packages"`);
  return path;
}

/**
 * May this process make namespaces as it is? Otherwise a machine gets a user namespace, in which
 * whoever runs the test is root: for users, and for root of a container without CAP_SYS_ADMIN.
 */
export const isPrivileged: boolean =
  process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
