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
 * Codes: `ESM_FOLDER_MISSING _NOT_ROOTS _WRITABLE`; `file` names the culprit.
 */
export function checkFolders(path: string): Result<void> {
  const steps = stepsTo(path);
  if (!steps.ok) return steps;
  for (const step of steps.value) {
    const problem = checkStep(step);
    if (problem !== null) return failed(problem);
  }
  return ok(undefined);
}

/**
 * The one user beside root who can change what is read at `path`: through the file, by replacing
 * it, or by replacing a folder on the way. `root`: nobody else; `anyone`: more than one user, or
 * nobody knows who. A pid file is believed only for processes of that user.
 */
export function writerOf(path: string): number | 'root' | 'anyone' {
  const steps = stepsTo(path);
  if (!steps.ok) return 'anyone';
  const writers = new Set<number>();
  let file: Stats;
  try {
    file = lstatSync(path);
  } catch {
    return 'anyone';
  }
  for (const { stats } of [...steps.value, { stats: file }]) {
    if (!isRoots(stats.uid)) writers.add(stats.uid);
    if (mayOthersChange(stats)) return 'anyone';
  }
  if (file.isSymbolicLink() || writers.size > 1) return 'anyone';
  return [...writers][0] ?? 'root';
}

/** The permissions of a symbolic link mean nothing; those of a sticky folder keep strangers off. */
function mayOthersChange(stats: Stats): boolean {
  if (stats.isSymbolicLink() || (stats.mode & writableByOthers) === 0) return false;
  return !stats.isDirectory() || (stats.mode & sticky) === 0;
}

function checkStep({ path, stats, isLast }: Step): Problem | null {
  if (!isRoots(stats.uid)) {
    return {
      code: 'ESM_FOLDER_NOT_ROOTS',
      message: `Cannot trust the folder: it belongs to user ${stats.uid} and has to belong to root`,
      remedy: `chown ${stats.isSymbolicLink() ? '-h ' : ''}root:root ${path}`,
      file: path,
    };
  }
  const isTooOpen = isLast ? (stats.mode & writableByOthers) !== 0 : mayOthersChange(stats);
  return stats.isSymbolicLink() || !isTooOpen
    ? null
    : {
        code: 'ESM_FOLDER_WRITABLE',
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
  let links = 0;
  try {
    steps.push({ path: folder, stats: lstatSync(folder), isLast: parts.length === 0 });
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const next = join(folder, part); // For "..": its parent, as `folder` has no links in it.
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
    return failed(unreachable(join(folder, ...parts), errorCode(error)));
  }
}

const partsOf = (path: string): string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.');

const unreachable = (path: string, code: string): Problem => ({
  code: 'ESM_FOLDER_MISSING',
  message: `Cannot reach the folder: ${code}`,
  file: path,
});

let unmappedUser: number | null | undefined;

/**
 * Whether a file of this user is root's. In a user namespace (a container, a test without root)
 * the files of the machine outside belong to a user who does not exist inside, and whom nobody
 * inside can become.
 */
function isRoots(uid: number): boolean {
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
