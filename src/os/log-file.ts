/**
 * The file that a service's output goes to. esmd opens it as root, and hands it on: so it opens
 * nothing that another user could have put there, and nothing that could keep it waiting.
 */

import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeProblem, failed, ok, type Problem, type Result } from '../core/result.js';
import { errorCode } from './error-code.js';
import { checkFolders } from './file-owner.js';
import { markOf } from './fingerprint.js';
import { isSameFile, type Mark } from './libc/stat.js';
import { remoteMountOn, type Mounts } from './mounts.js';

// open(2): with O_NONBLOCK a FIFO without a reader fails with ENXIO instead of waiting for one;
// for a regular file it means nothing. Node adds O_CLOEXEC.
const flags =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NONBLOCK |
  constants.O_NOFOLLOW |
  constants.O_NOCTTY;

/**
 * Opens `path` for appending, mode 0640 if it is new, and returns the descriptor. The folder that
 * holds it is made if it alone is missing: /var/log is empty after a boot on some machines.
 * Refused, with code `ESM_LOG_REFUSED`: anything but a regular file; a folder on the way that is
 * not root's or that others may write to; a filesystem that may not answer.
 */
export function openLog(path: string, mounts: Mounts): Result<number> {
  const mount = remoteMountOn(path, mounts);
  if (mount !== null) {
    return failed(refused(path, `"${mount.point}" is of type ${mount.type}, which may not answer`));
  }
  const known = openKnown(path);
  if (known !== null) return ok(known);
  const folders = makeFolder(path);
  if (!folders.ok) {
    return failed(refused(path, describeProblem(folders.problem)));
  }
  let fd: number;
  try {
    fd = openSync(path, flags, 0o640);
  } catch (error) {
    return failed(refused(path, whyNot(errorCode(error))));
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) {
    if (stats.uid === 0) approved.set(path, markOf(fd));
    return ok(fd);
  }
  closeSync(fd);
  return failed(refused(path, 'it is not a regular file'));
}

/** The file that was approved last for each path: root's own, in folders of root's. */
const approved = new Map<string, Mark>();

/** The same file once more, whatever has become of the folders meanwhile; null for any other. */
function openKnown(path: string): number | null {
  const known = approved.get(path);
  if (known === undefined) return null;
  try {
    const fd = openSync(path, flags & ~constants.O_CREAT);
    if (isSameFile(markOf(fd), known)) return fd;
    closeSync(fd);
  } catch {
    // It has been rotated away, say.
  }
  return null;
}

function makeFolder(path: string): Result<void> {
  const checked = checkFolders(path);
  if (checked.ok || checked.problem.code !== 'ESM_FILE_MISSING') return checked;
  const folder = dirname(path);
  if (!checkFolders(folder).ok) return checked;
  try {
    mkdirSync(folder, 0o755);
  } catch {
    return checked;
  }
  return checkFolders(path);
}

function whyNot(code: string): string {
  switch (code) {
    case 'ELOOP':
      return 'it is a symbolic link';
    case 'ENXIO':
      return 'it is a FIFO or a socket';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return `it cannot be opened (${code})`;
  }
}

const refused = (path: string, why: string): Problem => ({
  code: 'ESM_LOG_REFUSED',
  message: `Cannot write to the log "${path}": ${why}; the output goes to /dev/null`,
});
