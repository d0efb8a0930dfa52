/** What a process is given at birth besides its memory: umask and resource limits. */

import { libc, optional, orErrno } from './library.js';

type Prlimit = (
  pid: number,
  resource: number,
  wanted: BigUint64Array | null,
  had: BigUint64Array | null,
) => number;

// glibc calls the one with 64-bit fields prlimit64 on all machines; musl has no other.
const prlimitCall: Prlimit =
  optional<Prlimit>(() =>
    libc.func('int prlimit64(int pid, int resource, void *new_limit, void *old_limit)'),
  ) ?? libc.func('int prlimit(int pid, int resource, void *new_limit, void *old_limit)');

const umaskCall: (mask: number) => number = libc.func('uint umask(uint mask)');

const resources = { openFiles: 7, realtimePriority: 14 } as const;

export type Resource = keyof typeof resources;
export type Limit = Readonly<{ soft: bigint; hard: bigint }>;

const pair = new BigUint64Array(2);

/** prlimit(2) of this process. */
export function getLimit(resource: Resource): Limit {
  prlimitCall(0, resources[resource], null, pair);
  return { soft: pair[0] ?? 0n, hard: pair[1] ?? 0n };
}

/** prlimit(2) of this process, all its threads. EPERM: raising `hard` needs CAP_SYS_RESOURCE. */
export function setLimit(resource: Resource, limit: Limit): number {
  pair[0] = limit.soft;
  pair[1] = limit.hard;
  return orErrno(prlimitCall(0, resources[resource], pair, null));
}

/** umask(2): sets it and returns the one before. */
export const umask = (mask: number): number => umaskCall(mask);
