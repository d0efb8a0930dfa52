/**
 * Files that are replaced as a whole: a reader finds the old text or the new one, and a full disk
 * leaves the old one. Not flushed to the disk: what is written here lives below /run and means
 * nothing after a crash of the machine.
 */

import {
  closeSync,
  constants,
  fchmodSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { errorCode } from './error-code.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Replacements of one path come one after the other, as they use the same temporary file. */
const lastOf = new Map<string, Promise<Result<void>>>();

/**
 * Replaces the file by `text`, with exactly these permission bits. The last of several calls for
 * one path is the one that holds. Code: `ESM_FILE_NOT_WRITTEN`, and then the old file is intact.
 */
export function replaceFile(path: string, text: string, mode: number): Promise<Result<void>> {
  const before = lastOf.get(path) ?? Promise.resolve();
  const turn = before.then(() => replaceNow(path, text, mode));
  lastOf.set(path, turn);
  return turn.finally(() => {
    if (lastOf.get(path) === turn) lastOf.delete(path);
  });
}

async function replaceNow(path: string, text: string, mode: number): Promise<Result<void>> {
  const temporary = temporaryFor(path, 'new');
  try {
    await rm(temporary, { force: true }); // Left by a crash.
    const file = await open(temporary, flags, 0o600);
    try {
      await file.chmod(mode); // The mode of open(2) is subject to the umask.
      await file.writeFile(text);
    } finally {
      await file.close(); // close(2): ENOSPC and EDQUOT may come only here.
    }
    // On this thread, so that no older text can land after one of replaceFileSync.
    renameSync(temporary, path);
    return ok(undefined);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return failed(notWritten(path, error));
  }
}

/** The same for last words, when nothing can be waited for any more. */
export function replaceFileSync(path: string, text: string, mode: number): Result<void> {
  // Another name than above: a replacement may be under way on a thread of the pool.
  const temporary = temporaryFor(path, 'last');
  try {
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, flags, 0o600);
    try {
      fchmodSync(fd, mode);
      writeFileSync(fd, text);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    return ok(undefined);
  } catch (error) {
    removeQuietly(temporary);
    return failed(notWritten(path, error));
  }
}

/** In the same folder, as rename(2) does not cross filesystems; always the same, so none pile up. */
const temporaryFor = (path: string, kind: 'new' | 'last'): string =>
  join(dirname(path), `.${basename(path)}.${kind}`);

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The next replacement tries again.
  }
}

function notWritten(path: string, error: unknown): Problem {
  const code = errorCode(error);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return {
    code: 'ESM_FILE_NOT_WRITTEN',
    message: `Cannot replace the file: ${code}; what was there before stays`,
    ...(isFull ? { remedy: `make room on the filesystem of ${dirname(path)}` } : {}),
    file: path,
  };
}
