/** A log file as it grows, is cut by copytruncate, or is replaced by rotation. */

import { constants, watch } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../os/error-code.js';
import { failed, ok, type Problem, type Result } from '../core/result.js';

const chunkBytes = 64 * 1024;

/** Where nothing tells of a change (a network filesystem), it is looked for as often as this. */
const lookMs = 1_000;

/** Takes what was read; the bytes are overwritten when it returns. */
export type Sink = (bytes: Uint8Array) => void;

/** What rotation may have put in a file's place is recognised by these. */
type Opened = Readonly<{ handle: FileHandle; dev: number; ino: number }>;

/** Never waits: a FIFO in the place of a log would otherwise hold us until somebody writes. */
export async function openLog(path: string): Promise<Result<Opened>> {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  try {
    const handle = await open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    const found = await handle.stat();
    if (found.isFile()) return ok({ handle, dev: found.dev, ino: found.ino });
    await handle.close();
    return failed(unreadable(path, 'ESM_LOG', 'it is not a regular file'));
  } catch (error) {
    return failed(openProblem(path, errorCode(error)));
  }
}

function openProblem(path: string, errno: string): Problem {
  switch (errno) {
    case 'ENOENT':
      return unreadable(path, 'ESM_LOG_MISSING', 'nothing has been written yet');
    case 'EACCES':
      return unreadable(path, 'ESM_LOG_DENIED', 'permission denied: run as root');
    default:
      return unreadable(path, 'ESM_LOG', errno);
  }
}

const unreadable = (path: string, code: string, why: string): Problem => ({
  code,
  message: `Cannot read the log "${path}": ${why}`,
});

/** Nothing has been written yet, which may change; no other problem is waited out. */
const isMissing = ({ code }: Problem): boolean => code === 'ESM_LOG_MISSING';

/** Where the last `lines` lines begin; an unfinished one counts. */
export async function startOfLast(handle: FileHandle, lines: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const { size } = await handle.stat();
  if (lines === 0) return size;
  let missing = lines;
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - chunkBytes);
    const { bytesRead } = await handle.read(buffer, 0, end - from, from);
    for (let at = bytesRead - 1; at >= 0; at -= 1) {
      // The newline at the very end closes the last line and opens none.
      if (buffer[at] !== 0x0a || from + at === size - 1) continue;
      missing -= 1;
      if (missing <= 0) return from + at + 1;
    }
    end = from;
  }
  return 0;
}

/** Hands on what lies between `from` and the end; returns where that is. */
export async function readFrom(handle: FileHandle, from: number, sink: Sink): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let at = from; ;) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, at);
    if (bytesRead === 0) return at;
    sink(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/**
 * Hands on the last `lines` lines and then everything that is written, for as long as it can be
 * read; returns why it no longer can. A file that is missing is waited for, which `waits` is told;
 * one that was replaced is read to its end, and then the new one.
 */
export async function followLog(
  path: string,
  lines: number,
  sink: Sink,
  waits: (problem: Problem) => void,
): Promise<Problem> {
  const changes = new Changes(path);
  let opened = await openLog(path);
  let at = opened.ok ? await startOfLast(opened.value.handle, lines) : 0;
  if (!opened.ok && isMissing(opened.problem)) {
    waits(opened.problem);
    opened = await openOnceThere(path, changes);
  }
  while (opened.ok) {
    const { handle } = opened.value;
    if ((await handle.stat()).size < at) at = 0;
    at = await readFrom(handle, at, sink);
    if (await isReplaced(path, opened.value)) {
      // What was written between our last read and the rotation is still in the old file.
      await readFrom(handle, at, sink);
      await handle.close();
      opened = await openOnceThere(path, changes);
      at = 0;
    } else {
      await changes.next();
    }
  }
  return opened.problem;
}

async function openOnceThere(path: string, changes: Changes): Promise<Result<Opened>> {
  for (;;) {
    const opened = await openLog(path);
    if (opened.ok || !isMissing(opened.problem)) return opened;
    await changes.next();
  }
}

/** Whether another file than the one we read can be read under the name. */
async function isReplaced(path: string, opened: Opened): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && (found.ino !== opened.ino || found.dev !== opened.dev);
}

/** Something has happened in the folder, or some time has passed. */
class Changes {
  #wake: () => void = () => undefined;
  /** Something happened while nobody waited. */
  #pending = false;

  constructor(path: string) {
    const noticed = (): void => {
      this.#pending = true;
      this.#wake();
    };
    try {
      watch(dirname(path), { persistent: false }, noticed).on('error', () => undefined);
    } catch {
      // No folder yet, or inotify(7) has no watches left: then time alone has to do.
    }
  }

  async next(): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#pending = false;
  }
}
