/** Unix sockets of both kinds; Node has no datagram ones, which syslog needs. */

import { constants } from 'node:os';
import { libc, orErrno } from './library.js';

const socketCall: (domain: number, type: number, protocol: number) => number = libc.func(
  'int socket(int domain, int type, int protocol)',
);
const connectCall: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  'int connect(int fd, const void *addr, uint32_t addrlen)',
);
const sendCall: (fd: number, bytes: Uint8Array, length: number, flags: number) => number =
  libc.func('intptr_t send(int fd, const void *buf, size_t len, int flags)');

const AF_UNIX = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const types = { stream: 1, datagram: 2 } as const;

export type SocketType = keyof typeof types;

/** unix(7): sun_path has 108 bytes, the final NUL included. */
const pathSize = 108;

/** socket(2), AF_UNIX, non-blocking and close-on-exec. */
export const unixSocket = (type: SocketType): number =>
  orErrno(socketCall(AF_UNIX, types[type] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));

/** connect(2): EAGAIN where the queue of a listening stream socket is full. */
export function connectUnix(fd: number, path: string): number {
  const address = unixAddress(path);
  return address === null
    ? -constants.errno.ENAMETOOLONG
    : orErrno(connectCall(fd, address, address.length));
}

/** send(2) without waiting and without SIGPIPE. */
export const sendBytes = (fd: number, bytes: Uint8Array): number =>
  orErrno(sendCall(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL));

/** struct sockaddr_un of unix(7); null for a path that does not fit. */
export function unixAddress(path: string): Uint8Array | null {
  const bytes = Buffer.from(path);
  if (bytes.length >= pathSize) return null;
  const address = Buffer.alloc(2 + pathSize);
  address.writeUInt16LE(AF_UNIX, 0);
  bytes.copy(address, 2);
  return address;
}
