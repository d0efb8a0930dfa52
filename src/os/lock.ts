/**
 * The lock that makes an instance the only one: flock(2) on the pid file. It ends with the process
 * however that ends, which is why the file is never unlinked: between an unlink and a new file
 * two processes could each hold "the" lock. Only root may open the file, as every user who can
 * open a file can lock it.
 */

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { constants as numbers } from 'node:os';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { pid as toPid, type Pid } from '../core/units.js';
import { errorCode } from './error-code.js';
import { lockExclusively } from './libc/flock.js';
import { errnoName } from './libc/library.js';

/** What is held until `release`, or until the process ends. Children do not inherit it. */
export interface Lock {
  /** The pid could not be written (a full disk): the lock holds nevertheless. */
  readonly problem: Problem | null;
  release(): void;
}

/** `ESM_LOCK_HELD`: somebody has it; else `ESM_LOCK_UNUSABLE`. */
export type LockProblem = Problem & Readonly<{ holder: Pid | null }>;

/** How often the file may be replaced while we try; nobody does that even once. */
const mostAttempts = 10;

const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** Takes the lock, or says who has it; does not wait. */
export function acquire(path: string): Result<Lock, LockProblem> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    let fd: number;
    try {
      fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600);
    } catch (error) {
      return failed(unusable(path, errorCode(error)));
    }
    const outcome = lockOpened(fd, path);
    if (outcome === 'replaced') {
      closeSync(fd);
      continue;
    }
    if (!outcome.ok) closeSync(fd);
    return outcome;
  }
  return failed(unusable(path, 'it is replaced again and again'));
}

function lockOpened(fd: number, path: string): Result<Lock, LockProblem> | 'replaced' {
  const own = fstatSync(fd);
  if (!own.isFile()) return failed(unusable(path, 'it is not a regular file'));
  if (own.uid !== process.geteuid?.()) {
    return failed(unusable(path, `it belongs to user ${own.uid}`));
  }
  const result = lockExclusively(fd);
  if (result === -numbers.errno.EWOULDBLOCK) return failed(held(path));
  if (result < 0) return failed(unusable(path, errnoName(result)));
  // Replaced between open and lock: what we have locked is a file that nobody else will find.
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.ino !== own.ino || there.dev !== own.dev) return 'replaced';
  return ok({
    problem: writePid(fd, path),
    release: () => {
      closeSync(fd);
    },
  });
}

function writePid(fd: number, path: string): Problem | null {
  try {
    fchmodSync(fd, 0o600);
    // In this order, so that the first line is a pid at any moment.
    ftruncateSync(fd, writeSync(fd, `${process.pid}\n`, 0));
    return null;
  } catch (error) {
    return {
      code: 'ESM_FILE_NOT_WRITTEN',
      message: `Cannot write the process number: ${errorCode(error)}`,
      file: path,
    };
  }
}

/**
 * The process that holds a lock on the file, as the kernel lists it; null if none does. It may
 * have passed the descriptor on: the number is that of the process that took the lock.
 */
export function holder(path: string): Pid | null {
  try {
    const file = statSync(path, { bigint: true });
    // proc_locks(5): `1: FLOCK  ADVISORY  WRITE 412 00:1a:1234 0 EOF`; a waiting one has `->`
    // after its number.
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      const [, kind, , , number, place = ''] = line.split(/\s+/);
      const [major, minor, inode] = place.split(':');
      const pid = Number(number);
      if (kind !== 'FLOCK' || inode !== String(file.ino) || !(pid > 0)) continue;
      if (`${major}:${minor}` === deviceName(file.dev) || hasOpen(pid, path)) return toPid(pid);
    }
  } catch {
    // No such file: nobody can hold it.
  }
  return null;
}

/** As the kernel prints it. makedev(3): 12 bits of major and 20 of minor, in pieces. */
function deviceName(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':');
}

/**
 * Whether the process has the file open. On btrfs and some overlays stat(2) tells another device
 * than the list of locks, and inode numbers alone are not unique. By name, as a stat(2) of what a
 * stranger has open may wait for a filesystem of his for ever.
 */
function hasOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  const file = realpathSync(path);
  try {
    return readdirSync(folder).some((name) => readlinkSync(`${folder}/${name}`) === file);
  } catch {
    return false; // It has gone, or a descriptor has.
  }
}

function held(path: string): LockProblem {
  const by = holder(path);
  return {
    code: 'ESM_LOCK_HELD',
    message: `Cannot lock the file: ${by === null ? 'another process' : `process ${by}`} has it`,
    file: path,
    holder: by,
  };
}

const unusable = (path: string, reason: string): LockProblem => ({
  code: 'ESM_LOCK_UNUSABLE',
  message: `Cannot lock the file: ${reason}`,
  file: path,
  holder: null,
});
