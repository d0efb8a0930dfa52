/** cgroup.events: whether a cgroup has processes, itself or below. See cgroups(7). */

import { closeSync, openSync } from 'node:fs';
import { moveUp } from './high-descriptor.js';
import { readStart } from './libc/descriptor.js';
import { readOnce } from './proc-file.js';

/** So many are kept open at most: descriptors are needed more for processes. */
const mostKept = 256;
let kept = 0;

const scratch = Buffer.allocUnsafe(256);

/** Kept open where possible: every restart asks, and to open it takes twice as long as to read it. */
export class CgroupEvents {
  readonly #path: string;
  #fd: number | null;

  constructor(folder: string) {
    this.#path = `${folder}/cgroup.events`;
    this.#fd = kept < mostKept ? open(this.#path) : null;
    if (this.#fd !== null) kept += 1;
  }

  /** Null: the cgroup has gone. */
  isPopulated(): boolean | null {
    const text = this.#fd === null ? readOnce(this.#path) : read(this.#fd);
    return text === null ? null : !text.includes('populated 0');
  }

  close(): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    this.#fd = null;
    kept -= 1;
  }
}

function open(path: string): number | null {
  try {
    return moveUp(openSync(path, 'r'));
  } catch {
    return null; // EMFILE.
  }
}

function read(fd: number): string | null {
  const length = readStart(fd, scratch);
  // ENODEV: the cgroup was removed, and maybe made again.
  return length < 0 ? null : scratch.toString('latin1', 0, length);
}
