/**
 * Unix sockets that appear complete or not at all. A socket is bound under a temporary name with
 * mode 0600, given its mode, and renamed into place: there is no moment in which it is open to
 * more users than it is meant for, and none in which the name is missing during a takeover.
 */

import { lstat, chmod, rename, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { errorCode } from './error-code.js';
import { checkFolders } from './file-owner.js';

/** unix(7): sun_path has 108 bytes with its final NUL. */
const longestPath = 107;

/** How many may wait for accept(2); the kernel caps it at net.core.somaxconn. */
const backlog = 1024;

/** How long a socket that exists may take to show that somebody listens. */
const listenerWaitMs = 1000;

const temporarySuffix = '.new';

/** A socket in its place. */
export interface Bound {
  readonly path: string;
  /** Whether the name still leads to this socket: cleaners of /run have removed others. */
  isInPlace(): Promise<boolean>;
  /** Closes the server and removes the name if it still is this socket's. Connections live on. */
  close(): Promise<void>;
}

/**
 * Makes `server` listen at `path` with `mode`. The folder must be ours or root's and not writable
 * by others. What lies there already is replaced only if it is a socket that nobody listens on.
 */
export async function listenAt(server: Server, path: string, mode: number): Promise<Result<Bound>> {
  const temporary = path + temporarySuffix;
  const refusal = checkLength(path) ?? checkPlace(path) ?? (await checkOccupant(path));
  if (refusal !== null) return failed(refusal);
  try {
    await removeSocket(temporary);
    await listenPrivately(server, temporary);
    const { ino } = await lstat(temporary);
    await chmod(temporary, mode);
    await rename(temporary, path);
    return ok(bound(server, path, ino));
  } catch (error) {
    server.close();
    return failed(cannotListen(path, errorCode(error)));
  }
}

/** Whether a process accepts connections at `path`; false where there is none to answer. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.setTimeout(listenerWaitMs, () => {
      answer(true);
    });
    socket.once('connect', () => {
      answer(true);
    });
    // unix(7): ECONNREFUSED, nobody listens; EAGAIN, somebody does and the backlog is full.
    socket.once('error', (error) => {
      answer(errorCode(error) === 'EAGAIN');
    });
  });
}

function bound(server: Server, path: string, inode: number): Bound {
  const isInPlace = (): Promise<boolean> =>
    lstat(path).then(
      (found) => found.isSocket() && found.ino === inode,
      () => false,
    );
  return {
    path,
    isInPlace,
    close: async () => {
      // A successor may have taken the name already: then it is not ours to remove.
      if (await isInPlace()) await unlink(path).catch(() => undefined);
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/**
 * bind(2) gives the socket 0777 less the umask. Node binds a pipe before listen() returns, so the
 * stricter umask holds for this call only; what a pool thread creates meanwhile gets less, never
 * more.
 */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      server.off('error', settle);
      server.off('listening', settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    server.once('error', settle);
    server.once('listening', settle);
    const umask = process.umask(0o177);
    try {
      server.listen({ path, backlog });
    } finally {
      process.umask(umask);
    }
  });
}

function checkLength(path: string): Problem | null {
  const length = Buffer.byteLength(path);
  return length + temporarySuffix.length <= longestPath
    ? null
    : cannotListen(path, `the path has ${length} bytes and may have at most 103`);
}

/** Whoever can write to a folder above could put a socket of their own in this one's place. */
function checkPlace(path: string): Problem | null {
  const trusted = checkFolders(path);
  if (trusted.ok) return null;
  const { problem } = trusted;
  return { ...problem, message: `Cannot listen at "${path}": ${problem.message}` };
}

async function checkOccupant(path: string): Promise<Problem | null> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  if (!found.isSocket()) return cannotListen(path, 'something that is not a socket is there');
  return (await isListening(path)) ? cannotListen(path, 'another process listens there') : null;
}

async function removeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isSocket() === true) await unlink(path);
}

function cannotListen(path: string, why: string): Problem {
  return { code: 'ESM_SOCKET', message: `Cannot listen at "${path}": ${why}`, file: path };
}
