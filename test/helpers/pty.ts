/** A terminal of which the test holds the other end. */

import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { libc } from '../../src/os/libc/library.js';

const unlockCall: (fd: number) => number = libc.func('int unlockpt(int fd)');
const nameCall: (fd: number) => string = libc.func('const char *ptsname(int fd)');

export class Terminal {
  readonly #fd: number;
  #isOpen = true;
  /** Of the end that programs write to. */
  readonly path: string;

  constructor(context: TestContext) {
    this.#fd = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    unlockCall(this.#fd);
    this.path = nameCall(this.#fd);
    context.after(() => {
      this.hangUp();
    });
  }

  /** All that was written and not read before. */
  read(): string {
    const buffer = Buffer.alloc(65_536);
    let text = '';
    try {
      for (;;) text += buffer.toString('utf8', 0, readSync(this.#fd, buffer));
    } catch {
      return text; // EAGAIN; EIO while nobody has the other end open.
    }
  }

  hangUp(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}
