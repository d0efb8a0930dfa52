/** The other end of a syslog socket: one that receives only when asked to. */

import { closeSync, rmSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { libc, orErrno } from '../../src/os/libc/library.js';
import { unixAddress, unixSocket, type SocketType } from '../../src/os/libc/socket.js';

const bindCall: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int bind(int fd, const void *addr, uint32_t addrlen)',
);
const listenCall: (fd: number, backlog: number) => number = libc.func(
  'int listen(int fd, int backlog)',
);
const receiveCall: (fd: number, bytes: Uint8Array, length: number, flags: number) => number =
  libc.func('intptr_t recv(int fd, void *buf, size_t len, int flags)');

export class Receiver {
  readonly #fd: number;

  /** Binds at `path`; a stream socket listens, and nobody accepts. */
  constructor(context: TestContext, path: string, type: SocketType = 'datagram') {
    this.#fd = unixSocket(type);
    const address = unixAddress(path);
    if (address === null) throw new Error(`${path} is too long`);
    const result = orErrno(bindCall(this.#fd, address, address.length));
    if (result < 0) throw new Error(`bind: ${result}`);
    if (type === 'stream') listenCall(this.#fd, 1);
    let isOpen = true;
    this.close = () => {
      if (isOpen) closeSync(this.#fd);
      isOpen = false;
    };
    context.after(this.close);
  }

  /** Ends listening; the name stays, as when a syslogd is killed. */
  readonly close: () => void;

  /** The next datagram; null if there is none. */
  receive(): string | null {
    const bytes = Buffer.alloc(65_536);
    const length = orErrno(receiveCall(this.#fd, bytes, bytes.length, 0));
    return length < 0 ? null : bytes.toString('utf8', 0, length);
  }

  /** Takes whatever waits; returns how many. */
  drain(): number {
    let count = 0;
    while (this.receive() !== null) count += 1;
    return count;
  }
}

/** As a syslogd that starts: takes the name from whoever had it. */
export function takeOver(context: TestContext, path: string, type?: SocketType): Receiver {
  rmSync(path, { force: true });
  return new Receiver(context, path, type);
}
