/**
 * Reading files that others write. Whatever lies at a path, the read neither blocks nor runs away:
 * a FIFO, a device, a link, a file of gigabytes and a file of a stranger become problems.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { errorCode } from './error-code.js';

/** What a file has to be so that it is read. */
export type ReadRules = Readonly<{
  /** A longer file is refused, not cut. */
  maxBytes: number;
  /** `root`: owned by root, and writable neither by its group nor by others. */
  owner: 'root' | 'any';
  /** Whether the last part of the path may be a symbolic link. Default: refuse. */
  links?: 'follow' | 'refuse';
}>;

export type Content = Readonly<{
  /** UTF-8; what is not becomes U+FFFD. */
  text: string;
  uid: number;
  /** Permission bits. */
  mode: number;
}>;

/** Codes: `ESM_FILE_MISSING _NOT_REGULAR _TOO_LARGE _NOT_ROOTS _WRITABLE _UNREADABLE`. */
export function readChecked(path: string, rules: ReadRules): Result<Content> {
  // O_NONBLOCK: a FIFO without a writer opens at once, and a lease (fcntl(2), F_SETLEASE) is not
  // waited for. O_NOCTTY: init starts us as a session leader, which would acquire a terminal.
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW, O_NOCTTY } = constants;
  const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (rules.links === 'follow' ? 0 : O_NOFOLLOW);
  let fd: number;
  try {
    fd = openSync(path, flags); // Node adds O_CLOEXEC.
  } catch (error) {
    return failed(openProblem(path, error));
  }
  try {
    const stats = fstatSync(fd);
    const problem = checkStats(path, stats, rules);
    if (problem !== null) return failed(problem);
    const bytes = readUpTo(fd, stats.size, rules.maxBytes);
    return bytes.length > rules.maxBytes
      ? failed(tooLarge(path, rules.maxBytes))
      : ok({
          text: bytes.toString('utf8'),
          uid: stats.uid,
          mode: stats.mode & 0o7777,
        });
  } catch (error) {
    return failed(unreadable(path, error));
  } finally {
    closeSync(fd);
  }
}

/** Reads to the end, or one byte more than `most`; `expected` is only a guess at the length. */
function readUpTo(fd: number, expected: number, most: number): Buffer {
  let buffer = Buffer.allocUnsafe(Math.min(expected, most) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > most) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(length * 2, most) + 1);
      buffer.copy(larger);
      buffer = larger;
    }
  }
}

function checkStats(path: string, stats: Stats, rules: ReadRules): Problem | null {
  if (!stats.isFile()) return notRegular(path, kindOf(stats));
  if (rules.owner === 'root') {
    if (stats.uid !== 0) {
      return {
        code: 'ESM_FILE_NOT_ROOTS',
        message: `Cannot read the file: it belongs to user ${stats.uid} and has to belong to root`,
        remedy: `chown root:root ${path}`,
        file: path,
      };
    }
    if ((stats.mode & 0o022) !== 0) {
      return {
        code: 'ESM_FILE_WRITABLE',
        message: 'Cannot read the file: its group or others may write to it, and only root may',
        remedy: `chmod go-w ${path}`,
        file: path,
      };
    }
  }
  return stats.size > rules.maxBytes ? tooLarge(path, rules.maxBytes) : null;
}

const tooLarge = (path: string, maxBytes: number): Problem => ({
  code: 'ESM_FILE_TOO_LARGE',
  message: `Cannot read the file: it is longer than ${maxBytes} bytes`,
  file: path,
});

const notRegular = (path: string, kind: string): Problem => ({
  code: 'ESM_FILE_NOT_REGULAR',
  message: `Cannot read the file: it is ${kind} and has to be a regular file`,
  file: path,
});

const unreadable = (path: string, error: unknown): Problem => ({
  code: 'ESM_FILE_UNREADABLE',
  message: `Cannot read the file: ${errorCode(error)}`,
  file: path,
});

function openProblem(path: string, error: unknown): Problem {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { code: 'ESM_FILE_MISSING', message: 'Cannot read the file: it is missing', file: path };
  }
  // ELOOP: a symbolic link met O_NOFOLLOW. ENXIO: a socket, or a device with nothing behind it.
  const kind = code === 'ELOOP' || code === 'ENXIO' ? kindAt(path) : null;
  return kind === null ? unreadable(path, error) : notRegular(path, kind);
}

function kindAt(path: string): string | null {
  try {
    const stats = lstatSync(path);
    return stats.isFile() ? null : kindOf(stats);
  } catch {
    return null;
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}
