/**
 * Whether a program can be run, and by root. execve(2) says ENOENT for a missing program and for
 * a missing interpreter alike, and runs what any user has put in a folder that all may write to;
 * this looks first, and says what is wrong. Also used by `esmctl check`.
 */

import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { errorCode } from './error-code.js';
import { checkFolders, isRoots } from './file-owner.js';
import { Fingerprint } from './fingerprint.js';
import { readMounts, remoteMountOn, type Mount, type Mounts } from './mounts.js';

/** `remote`: it lies where looking might not return, so little is known about it. */
export type Where = 'local' | 'remote';

/** execve(2): a script's interpreter may itself be a script, and so on, five deep at most. */
const mostInterpreters = 5;

/** Why a program cannot or must not be run; null if it can. */
export function checkProgram(path: string, { asRoot }: { asRoot: boolean }): Problem | null {
  const examined = examineProgram(path, { asRoot, mounts: readMounts() });
  return examined.ok ? null : examined.problem;
}

type Rules = Readonly<{ asRoot: boolean; mounts: Mounts }>;

/** What was looked at, links as links. */
type Seen = Map<string, Stats>;

/** What was found good for root, what that rests on, and the mounts of that time. */
const approved = new Map<string, Readonly<{ mounts: Mounts; prints: readonly Fingerprint[] }>>();

/**
 * Codes: `ESM_PROGRAM_MISSING`, `ESM_PROGRAM_NOT_EXECUTABLE`, and for root `ESM_PROGRAM_UNSAFE`
 * (others could change it). An interpreter that its first line names is examined as well. What has
 * not changed since it was found good for root is good: restarts ask for the same again and again.
 */
export function examineProgram(path: string, rules: Rules): Result<Where> {
  const known = rules.asRoot ? approved.get(path) : undefined;
  if (known?.mounts === rules.mounts && !known.prints.some(hasChanged)) return ok('local');
  const seen: Seen = new Map();
  const examined = examine(path, rules, seen);
  if (rules.asRoot) {
    approved.delete(path);
    if (examined.ok && examined.value === 'local') approve(path, rules, seen);
  }
  return examined;
}

const hasChanged = (print: Fingerprint): boolean => print.hasChanged();

/** Unless something has changed between the examination and the fingerprints. */
function approve(path: string, { mounts }: Rules, seen: Seen): void {
  const prints = [...seen.keys()].map((each) => new Fingerprint(each, 'itself'));
  if (isUnchanged(seen)) approved.set(path, { mounts, prints });
}

/** Nobody can set the time of the last change (ctime). */
function isUnchanged(seen: Seen): boolean {
  try {
    for (const [path, then] of seen) {
      const now = lstatSync(path);
      const isSame = now.ino === then.ino && now.dev === then.dev && now.ctimeMs === then.ctimeMs;
      // Also of two changes in one tick of the clock that stamps them.
      if (!isSame || now.mode !== then.mode || now.uid !== then.uid) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function examine(path: string, rules: Rules, seen: Seen, depth = 0): Result<Where> {
  if (!isAbsolute(path)) return failed(missing(path, 'it is not an absolute path'));
  const mount = remoteMountOn(path, rules.mounts);
  if (mount !== null) return examineRemote(path, mount, rules.asRoot);
  const file = checkFile(path);
  if (!file.ok) return file;
  const problem = rules.asRoot ? checkOwners(path, file.value, seen) : null;
  if (problem !== null) return failed(problem);
  const interpreter = readInterpreter(path);
  if (interpreter === null || depth >= mostInterpreters) return ok('local');
  const examined = examine(interpreter, rules, seen, depth + 1);
  return examined.ok ? examined : failed(throughScript(path, examined.problem));
}

/** Whoever mounted it decides what is in it: by fuse(4), the option user_id names that user. */
function examineRemote(path: string, mount: Mount, asRoot: boolean): Result<Where> {
  const user = mount.options.find((option) => option.startsWith('user_id='));
  return asRoot && user !== undefined && user !== 'user_id=0'
    ? failed(unsafe(path, `the filesystem at "${mount.point}" belongs to a user (${user})`))
    : ok('remote');
}

/** Returns what lies at the path, a link as a link. */
function checkFile(path: string): Result<Stats> {
  let itself: Stats;
  let target: Stats;
  try {
    itself = lstatSync(path);
    target = itself.isSymbolicLink() ? statSync(path) : itself;
  } catch (error) {
    return failed(missing(path, whyMissing(path, errorCode(error))));
  }
  if (target.isDirectory()) {
    return failed(notExecutable(path, 'it is a folder and has to be a file'));
  }
  if (!target.isFile()) return failed(notExecutable(path, 'it is not a regular file'));
  return (target.mode & 0o111) === 0
    ? failed(notExecutable(path, 'it has no permission to execute', `chmod +x ${path}`))
    : ok(itself);
}

function whyMissing(path: string, code: string): string {
  if (code !== 'ENOENT') return `it cannot be reached (${code})`;
  try {
    return `it is a symbolic link to "${readlinkSync(path)}", which is missing`;
  } catch {
    return 'it is missing';
  }
}

/** Every link on the way has to lie where only root can change it, and so what they lead to. */
function checkOwners(path: string, itself: Stats, seen: Seen): Problem | null {
  try {
    let real = path;
    let stats = itself;
    for (;;) {
      seen.set(real, stats);
      const folders = checkFolders(real, seen);
      if (!folders.ok) return unsafeFolder(path, folders.problem);
      if (!stats.isSymbolicLink()) return checkOwner(path, real, stats);
      real = resolve(realpathSync(dirname(real)), readlinkSync(real));
      stats = lstatSync(real);
    }
  } catch (error) {
    return missing(path, `it cannot be reached (${errorCode(error)})`);
  }
}

function checkOwner(path: string, real: string, { uid, mode }: Stats): Problem | null {
  if (!isRoots(uid)) {
    return unsafe(
      path,
      `it belongs to user ${uid} and has to belong to root`,
      `chown root ${real}`,
    );
  }
  return (mode & 0o022) === 0
    ? null
    : unsafe(path, 'its group or others may write to it', `chmod go-w ${real}`);
}

/** What is wrong with a folder is said by the code; the remedy stays as it is. */
function unsafeFolder(path: string, { code, file = '', remedy }: Problem): Problem {
  return code === 'ESM_FILE_MISSING' || code === 'ESM_FILE_UNREADABLE'
    ? missing(path, `"${file}" cannot be reached`)
    : unsafe(path, `users other than root can change the folder "${file}"`, remedy);
}

/** Enough for any first line: BINPRM_BUF_SIZE is 256 since Linux 5.1. */
const scratch = Buffer.allocUnsafe(256);

/** The path after "#!"; null if this is no script, or cannot be read (execute alone may do). */
function readInterpreter(path: string): string | null {
  let text: string;
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      text = scratch.toString('utf8', 0, readSync(fd, scratch, 0, scratch.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
  return /^#![ \t]*([^ \t\n]+)/.exec(text)?.[1] ?? null;
}

const throughScript = (path: string, problem: Problem): Problem => ({
  ...problem,
  message: `Cannot run "${path}": its first line names an interpreter: ${problem.message}`,
});

const cannotRun = (code: string, path: string, why: string, remedy?: string): Problem => ({
  code,
  message: `Cannot run "${path}": ${why}`,
  ...(remedy === undefined ? {} : { remedy }),
});

const missing = (path: string, why: string): Problem => cannotRun('ESM_PROGRAM_MISSING', path, why);

const notExecutable = (path: string, why: string, remedy?: string): Problem =>
  cannotRun('ESM_PROGRAM_NOT_EXECUTABLE', path, why, remedy);

const unsafe = (path: string, why: string, remedy?: string): Problem =>
  cannotRun('ESM_PROGRAM_UNSAFE', path, `root would run it, but ${why}`, remedy);
