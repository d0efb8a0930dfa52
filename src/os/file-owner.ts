/**
 * Who could put something else at a path. What esmd reads it does as root, so a file is only as
 * trustworthy as every folder and link that leads to it.
 */

import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { errorCode } from './error-code.js';

const sticky = 0o1000;
const writableByOthers = 0o022;

/** path_resolution(7): the kernel gives up after as many. */
const mostLinks = 40;

/** A folder or symbolic link that the way to a file leads through. */
type Step = Readonly<{ path: string; stats: Stats; isLast: boolean }>;

/**
 * Whether every folder and link on the way to `path` belongs to root and only root may change it.
 * `path` itself is not looked at. A folder like /tmp is accepted on the way (its sticky bit keeps
 * others from replacing what is root's in it), but not as the one that holds the file.
 * Codes: `ESM_FILE_MISSING _NOT_ROOTS _WRITABLE _UNREADABLE`; `file` names the culprit.
 * `seen` gets what was looked at.
 */
export function checkFolders(path: string, seen?: Map<string, Stats>): Result<void> {
  const steps = stepsTo(path);
  if (!steps.ok) return steps;
  for (const step of steps.value) {
    seen?.set(step.path, step.stats);
    const problem = checkStep(step);
    if (problem !== null) return failed(problem);
  }
  return ok(undefined);
}

/**
 * The users besides root who can change a folder or link on the way to `path`, and so what is
 * there. `several`: a group or everybody can. In a sticky folder only a file's owner can replace
 * it: inode(7). Null if the way cannot be followed.
 */
export function writersOnTheWay(path: string): ReadonlySet<number> | 'several' | null {
  const steps = stepsTo(path);
  if (!steps.ok) return null;
  if (steps.value.some(({ stats }) => mayOthersChange(stats))) return 'several';
  return new Set(steps.value.map(({ stats }) => stats.uid).filter((uid) => !isRoots(uid)));
}

/** The permissions of a symbolic link mean nothing; those of a sticky folder keep strangers off. */
function mayOthersChange(stats: Stats): boolean {
  if (stats.isSymbolicLink() || (stats.mode & writableByOthers) === 0) return false;
  return !stats.isDirectory() || (stats.mode & sticky) === 0;
}

function checkStep({ path, stats, isLast }: Step): Problem | null {
  if (!isRoots(stats.uid)) {
    return {
      code: 'ESM_FILE_NOT_ROOTS',
      message: `Cannot trust the folder: it belongs to user ${stats.uid} and has to belong to root`,
      remedy: `chown ${stats.isSymbolicLink() ? '-h ' : ''}root:root ${path}`,
      file: path,
    };
  }
  const isTooOpen = isLast ? (stats.mode & writableByOthers) !== 0 : mayOthersChange(stats);
  return stats.isSymbolicLink() || !isTooOpen
    ? null
    : {
        code: 'ESM_FILE_WRITABLE',
        message: 'Cannot trust the folder: its group or others may write to it, and only root may',
        remedy: `chmod go-w ${path}`,
        file: path,
      };
}

/** All folders and links from / to the folder that holds `path`, as the kernel resolves them. */
function stepsTo(path: string): Result<readonly Step[]> {
  const steps: Step[] = [];
  let parts = partsOf(dirname(path));
  let folder = '/';
  let next = folder;
  let links = 0;
  try {
    steps.push({ path: folder, stats: lstatSync(folder), isLast: parts.length === 0 });
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      next = join(folder, part); // For "..": its parent, as `folder` has no links in it.
      const stats = lstatSync(next);
      steps.push({ path: next, stats, isLast: parts.length === 0 });
      if (!stats.isSymbolicLink()) {
        folder = next;
        continue;
      }
      links += 1;
      if (links > mostLinks) return failed(unreachable(next, 'ELOOP'));
      const target = readlinkSync(next);
      parts = [...partsOf(target), ...parts];
      if (target.startsWith('/')) folder = '/';
    }
    return ok(steps);
  } catch (error) {
    return failed(unreachable(next, errorCode(error)));
  }
}

const partsOf = (path: string): string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.');

function unreachable(path: string, code: string): Problem {
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? { code: 'ESM_FILE_MISSING', message: 'Cannot find the folder: it is missing', file: path }
    : { code: 'ESM_FILE_UNREADABLE', message: `Cannot reach the folder: ${code}`, file: path };
}

let unmappedUser: number | null | undefined;

/**
 * Whether a file of this user is root's. In a user namespace (a container, a test without root)
 * the files of the machine outside belong to a user who does not exist inside, and whom nobody
 * inside can become.
 */
export function isRoots(uid: number): boolean {
  if (uid === 0) return true;
  if (unmappedUser === undefined) unmappedUser = readUnmappedUser();
  return uid === unmappedUser;
}

/** user_namespaces(7): what unmapped ids are shown as; null if that is itself a mapped user. */
function readUnmappedUser(): number | null {
  try {
    const shown = Number(readFileSync('/proc/sys/kernel/overflowuid', 'latin1'));
    const ranges = readFileSync('/proc/self/uid_map', 'latin1').trim().split('\n');
    const isMapped = ranges.some((range) => {
      const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number);
      return shown >= first && shown < first + count;
    });
    return isMapped ? null : shown;
  } catch {
    return null;
  }
}
