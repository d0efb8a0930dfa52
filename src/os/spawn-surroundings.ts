/**
 * What a new process takes over from its parent without being asked: umask, limits, readiness to
 * be killed for memory, cgroup. esmd takes on what the service shall have, spawns, and takes its
 * own back; nothing else runs on the main thread meanwhile. Pool threads share these: what they
 * create within that half millisecond may get the service's umask.
 */

import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { ownCgroup, processesOf } from './cgroup-place.js';
import { errorCode } from './error-code.js';
import { readStart } from './libc/descriptor.js';
import { errnoName } from './libc/library.js';
import { getLimit, setLimit, umask } from './libc/limit.js';

/** Undoes one thing. */
export type Undo = () => void;

/** Null: nothing to undo. */
export function takeUmask(mask: number): Undo | null {
  const own = umask(mask);
  if (own === mask) return null;
  return () => {
    umask(own);
  };
}

/**
 * The soft limit of open files for services that set none. Node raises its own to the hard one
 * before any of our code runs, and some daemons close every descriptor up to the limit, one by
 * one: they get what esmd was started with, which its wrapper notes, or else what the kernel gives
 * init. The hard limit stays as it is.
 */
const usualSoftLimit = softLimitFrom(process.env['ESMD_NOFILE']);

function softLimitFrom(noted: string | undefined): bigint {
  // "unlimited" is what no daemon of the time of 1024 can bear.
  return noted !== undefined && /^[1-9]\d{0,8}$/.test(noted) ? BigInt(noted) : 1024n;
}

/** Takes on the limit; a problem if this process could not go back, or may not raise it. */
export function takeLimit(nofile: number | null): Result<Undo> {
  const own = getLimit('openFiles');
  const soft = own.hard < usualSoftLimit ? own.hard : usualSoftLimit;
  const wanted =
    nofile === null ? { soft, hard: own.hard } : { soft: BigInt(nofile), hard: BigInt(nofile) };
  const result = setLimit('openFiles', wanted);
  return result < 0
    ? failed(limitRefused(nofile ?? Number(soft), errnoName(result)))
    : ok(() => {
        setLimit('openFiles', own);
      });
}

export const limitRefused = (nofile: number, why: string): Problem => ({
  code: 'ESM_LIMIT_REFUSED',
  message: `Cannot set the limit of open files to ${nofile}: ${why}`,
});

/**
 * Whether the hard limit can be raised again after it was lowered: CAP_SYS_RESOURCE, and not in a
 * user namespace, where it does not count (getrlimit(2)).
 */
export function mayRaiseLimits(): boolean {
  const capSysResource = 1n << 24n;
  try {
    const status = readFileSync('/proc/self/status', 'latin1');
    const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
    const map = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
    return (effective & capSysResource) !== 0n && map.join(' ') === '0 0 4294967295';
  } catch {
    return false;
  }
}

/**
 * Returns a function that sets our oom_score_adj to 0 and back: if esmd is protected from being
 * killed for memory, what it starts is not. See proc_pid_oom_score_adj(5).
 */
export function openOomScore(): () => Undo {
  const nothing: Undo = () => undefined;
  let fd: number;
  try {
    fd = openSync('/proc/self/oom_score_adj', 'r+');
  } catch {
    return () => nothing;
  }
  const buffer = Buffer.allocUnsafe(16);
  const write = (score: string): void => {
    try {
      writeSync(fd, score, 0);
    } catch {
      // EACCES: lower than allowed without CAP_SYS_RESOURCE. It stays what it is.
    }
  };
  return () => {
    const own = buffer.toString('latin1', 0, readStart(fd, buffer)).trim();
    if (own === '0') return nothing;
    write('0');
    return () => {
      write(own);
    };
  };
}

/** Moves this process into a cgroup, and back: what it spawns is in there from the beginning. */
export function takeCgroup(folder: string): Result<Undo> {
  const own = ownCgroup();
  if (own === null) return failed(cgroupRefused(folder, 'there is no cgroup v2 to come back to'));
  try {
    writeFileSync(processesOf(folder), '0', { flag: 'r+' }); // 0 means the writing process.
  } catch (error) {
    return failed(cgroupRefused(folder, errorCode(error)));
  }
  return ok(() => {
    writeFileSync(processesOf(own), '0', { flag: 'r+' });
  });
}

export const cgroupRefused = (folder: string, why: string): Problem => ({
  code: 'ESM_CGROUP_REFUSED',
  message: `Cannot use the cgroup "${folder}": ${why}`,
});
