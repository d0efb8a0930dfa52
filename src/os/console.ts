/**
 * The console, for when syslogd is away. It is opened for each batch, so that no terminal is kept,
 * and one that takes nothing (flow control, a serial line without a reader) costs the lines and no
 * time.
 */

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { oneLine } from './one-line.js';

const defaultPath = '/dev/console';

// O_NOCTTY: init starts us as a session leader, whose first terminal would become its controlling
// one, and its hangup our SIGHUP.
const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
const flags = O_WRONLY | O_NONBLOCK | O_NOCTTY;

let isBusy = false;

/**
 * Writes lines until the console takes no more; returns how many went out whole, and never
 * rejects. All of it on a thread of the pool: even with O_NONBLOCK, open(2) and close(2) of a
 * serial line can wait 30 s for it to drain. While that lasts no other batch is begun: the answer
 * is 0.
 */
export async function writeConsole(lines: readonly string[], path = defaultPath): Promise<number> {
  if (isBusy) return 0;
  isBusy = true;
  let whole = 0;
  try {
    const file = await open(path, flags);
    try {
      for (const line of lines) {
        await writeWhole(file, line);
        whole += 1;
      }
    } finally {
      await file.close();
    }
  } catch {
    // ENXIO, EIO, ENODEV: there is none, or it was hung up. EAGAIN: it takes no more now.
  }
  isBusy = false;
  return whole;
}

async function writeWhole(file: FileHandle, line: string): Promise<void> {
  const bytes = toBytes(line);
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/** The same for last words, on this thread. */
export function writeConsoleSync(lines: readonly string[], path = defaultPath): number {
  let whole = 0;
  let fd: number | null = null;
  try {
    fd = openSync(path, flags);
    for (const line of lines) {
      const bytes = toBytes(line);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      whole += 1;
    }
  } catch {
    // As above.
  }
  if (fd !== null) closeSync(fd);
  return whole;
}

/** The carriage return is for a terminal whose output processing is off. */
const toBytes = (line: string): Buffer => Buffer.from(`${oneLine(line)}\r\n`);
