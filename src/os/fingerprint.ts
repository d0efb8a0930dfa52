/**
 * Whether what lies at a path is still what lay there. Every restart asks that ten times: of the
 * state file, of the program, and of each folder on the way to it.
 */

import { fstatSync, lstatSync, statSync, type Stats } from 'node:fs';
import { newMark, readMark, readOpenMark, type Mark, type ReadMark } from './libc/stat.js';

/**
 * Owner, mode, inode, device, size and the time of the last change (ctime) of a file, which nobody
 * can set. A replaced file differs in its inode, as its predecessor exists until it is renamed over.
 * Not told apart: contents of one length that are written into a file within one tick of the
 * kernel's clock, of some milliseconds.
 */
export class Fingerprint {
  readonly #path: Uint8Array;
  readonly #links: 'follow' | 'itself';
  readonly #read: ReadMark;
  readonly #known: Mark = newMark();

  /**
   * Takes the first one. `links`: of what a symbolic link leads to, or of the link. `read`: how;
   * default: the fastest that this machine has.
   */
  constructor(path: string, links: 'follow' | 'itself', read: ReadMark = readMark ?? readSlowly) {
    // No file has a name with a zero byte in it, and the kernel would read to the first.
    this.#path = Buffer.from(path.includes('\0') ? '\0' : `${path}\0`);
    this.#links = links;
    this.#read = read;
    read(this.#path, links, this.#known);
  }

  /** Takes another one: whether it differs from the one before. Missing is a state like others. */
  hasChanged(): boolean {
    return this.#read(this.#path, this.#links, this.#known);
  }
}

/** The mark of an open file. */
export function markOf(fd: number): Mark {
  const mark = newMark();
  if (readOpenMark === null) mark.set(wordsOf(fstatSync(fd)));
  else readOpenMark(fd, mark);
  return mark;
}

/** By Node's own stat, which knows the time to a quarter of a microsecond. */
export const readSlowly: ReadMark = (path, links, mark) => {
  const before = mark.slice();
  const name = Buffer.from(path).toString('utf8', 0, path.length - 1);
  try {
    mark.set(wordsOf(links === 'follow' ? statSync(name) : lstatSync(name)));
  } catch {
    mark.fill(0); // It is missing, or cannot be reached.
  }
  return mark.some((part, at) => part !== before[at]);
};

const word = 2 ** 32;

function wordsOf({ uid, mode, ino, size, ctimeMs, dev }: Stats): readonly number[] {
  const time = [ctimeMs / word, ctimeMs, (ctimeMs % 1) * word];
  return [uid, mode, ino, ino / word, size, size / word, ...time, dev, 0].map(Math.floor);
}
