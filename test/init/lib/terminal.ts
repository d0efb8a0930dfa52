/**
 * A pseudo-terminal that serves as the console of a machine: a real terminal, so that programs
 * treat it as one, whose output is remembered and which can be made to block.
 */

import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import koffi from 'koffi';
import { closeAllOnExec } from '../../../src/os/libc/descriptor.js';

const libc = koffi.load(null);
const openMaster: (flags: number) => number = libc.func('int posix_openpt(int flags)');
const unlockMaster: (fd: number) => number = libc.func('int unlockpt(int fd)');
const nameOfSlave: (fd: number, name: Uint8Array, size: number) => number = libc.func(
  'int ptsname_r(int fd, void *name, size_t size)',
);

/** What is remembered at most, in characters; older output is dropped. */
const longest = 1024 * 1024;
const drainTimeoutMs = 2_000;

export class Terminal {
  /** Path of the terminal on the host. */
  readonly path: string;
  readonly #fd: number;
  readonly #master: ReadStream;
  #text = '';
  #isOpen = true;

  constructor() {
    const master = openMaster(constants.O_RDWR | constants.O_NOCTTY);
    const name = Buffer.alloc(64);
    if (master < 0 || unlockMaster(master) !== 0 || nameOfSlave(master, name, 64) !== 0) {
      throw new Error('Cannot open a pseudo-terminal');
    }
    // Neither the master nor what this process was started with is for the machine.
    closeAllOnExec();
    this.path = name.toString('latin1', 0, name.indexOf(0));
    // Kept open: pty(7), reading the master gives EIO while nobody has the other end open.
    this.#fd = openSync(this.path, constants.O_RDWR | constants.O_NOCTTY);
    this.#master = new ReadStream(master);
    this.#master.on('data', (chunk) => {
      this.#text = (this.#text + chunk.toString()).slice(-longest);
    });
    this.#master.on('error', () => undefined);
    this.#master.unref();
  }

  /** What was written, with the terminal's line ends undone. */
  text(): string {
    return this.#text.replaceAll('\r\n', '\n');
  }

  /** Stops reading: once the kernel's buffer is full, whoever writes without O_NONBLOCK hangs. */
  freeze(): void {
    this.#master.pause();
  }

  thaw(): void {
    this.#master.resume();
  }

  /** Reads what is left and lets go. To be called when nobody has it open any more. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // EIO is how the master says that all has been read.
    const closed = new Promise((resolve) => this.#master.once('close', resolve));
    this.#master.ref();
    this.#master.resume();
    closeSync(this.#fd);
    await Promise.race([closed, once(AbortSignal.timeout(drainTimeoutMs), 'abort')]);
    this.#master.destroy();
  }
}
