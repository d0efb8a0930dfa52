/**
 * The socket of syslogd, without libc's syslog(3), which blocks, and loses what it cannot send
 * without saying so. This sends or tells why not; queueing is the caller's.
 */

import { closeSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { severities, type Severity } from '../core/event/event.js';
import type { WallClock } from '../core/units.js';
import { connectUnix, sendBytes, unixSocket, type SocketType } from './libc/socket.js';
import { oneLine } from './one-line.js';

/**
 * `away`: nobody listens, or not yet again. `full`: somebody listens and does not read, as a
 * stopped syslogd. In both cases nothing was sent.
 */
export type Sent = 'sent' | 'away' | 'full';

/** What rsyslogd takes by default (maxMessageSize); the whole datagram. */
const longest = 8192;

/** For the kernels whose administrator made socket buffers tiny (net.core.wmem_default). */
const shortest = 1024;

/** Facility of syslog(3). */
const daemon = 3;

const { EAGAIN, ENOBUFS, ENOMEM, EPROTOTYPE, ENOENT, EMSGSIZE } = constants.errno;

/** The socket is connected at the first line, and again when another syslogd has taken its place. */
export class Syslog {
  readonly #path: string;
  readonly #tag: string;
  #fd: number | null = null;
  #type: SocketType = 'datagram';
  /** Device and inode number of the socket we are connected to. */
  #peer = '';

  constructor(path = '/dev/log', pid: number = process.pid) {
    this.#path = path;
    this.#tag = `esmd[${pid}]`;
  }

  /** Sends one line; `at` is when it happened. Neither waits nor throws. */
  send(severity: Severity, text: string, at: WallClock): Sent {
    const priority = daemon * 8 + severities.indexOf(severity);
    const line = `<${priority}>${timestamp(new Date(at))} ${this.#tag}: ${oneLine(text)}`;
    const bytes = Buffer.from(line);
    let result = this.#sendOnce(cut(bytes, longest));
    if (result === -EMSGSIZE) result = this.#sendOnce(cut(bytes, shortest));
    // The old syslogd has gone (ECONNREFUSED, ECONNRESET, EPIPE, ENOTCONN); is there a new one?
    if (result < 0 && !isFull(result)) result = this.#sendOnce(cut(bytes, longest));
    if (result >= 0) return 'sent';
    return isFull(result) ? 'full' : 'away';
  }

  /** The next line connects again. */
  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  /** Bytes sent, all or nothing, or a negative errno; not connected any more after most of them. */
  #sendOnce(line: Buffer): number {
    const fd = this.#connected();
    if (fd < 0) return fd;
    // glibc's syslog(3) ends a line on a stream with a NUL, and every syslogd takes that.
    const bytes = this.#type === 'stream' ? Buffer.concat([line, Buffer.alloc(1)]) : line;
    const sent = sendBytes(fd, bytes);
    if (sent === bytes.length) return sent;
    // Half a line on a stream: only a new connection can follow it.
    if (sent >= 0 || !isFull(sent)) this.close();
    return sent >= 0 ? -EAGAIN : sent;
  }

  #connected(): number {
    // A new syslogd binds a new inode at the same path, and the old socket may live on: in a
    // syslogd that is being replaced, or that is stopped.
    const peer = peerAt(this.#path);
    if (this.#fd !== null && peer === this.#peer) return this.#fd;
    this.close();
    if (peer === null) return -ENOENT;
    let result = this.#connect(this.#type);
    if (result === -EPROTOTYPE) {
      result = this.#connect(this.#type === 'datagram' ? 'stream' : 'datagram');
    }
    if (result >= 0) this.#peer = peer;
    return result;
  }

  #connect(type: SocketType): number {
    const fd = unixSocket(type);
    if (fd < 0) return fd;
    const result = connectUnix(fd, this.#path);
    if (result < 0) {
      closeSync(fd);
      return result;
    }
    this.#type = type;
    this.#fd = fd;
    return fd;
  }
}

/** unix(7): EAGAIN where the peer's queue is full; the others where the kernel has no memory. */
const isFull = (result: number): boolean =>
  result === -EAGAIN || result === -ENOBUFS || result === -ENOMEM;

function peerAt(path: string): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
  } catch {
    return null;
  }
}

/** RFC 3164, 4.1.2: "Mmm dd hh:mm:ss" in local time, the day padded with a space. */
function timestamp(at: Date): string {
  const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
  const month = months.slice(at.getMonth() * 3, at.getMonth() * 3 + 3);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()];
  const clock = time.map((part) => String(part).padStart(2, '0')).join(':');
  return `${month} ${String(at.getDate()).padStart(2)} ${clock}`;
}

/** At most `most` bytes, with "..." in place of what is left out, and no character torn. */
function cut(bytes: Buffer, most: number): Buffer {
  if (bytes.length <= most) return bytes;
  let end = most - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Buffer.concat([bytes.subarray(0, end), Buffer.from('...')]);
}
