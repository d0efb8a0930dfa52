/**
 * What /proc/PID/exe and cmdline show of a program while it runs, also after its file has gone: a
 * package may be removed, or half replaced, under a daemon that goes on.
 */

import { closeSync, constants, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { watchMounts } from './mount-watch.js';
import { remoteMountOn } from './mounts.js';

/** `script`: the interpreter is the executable, and the script's own argv comes last. */
export type Executable = Readonly<{ exe: string; script: boolean }>;

/**
 * The executable behind an absolute path. Of one that is missing, or lies where looking might not
 * return, nobody can tell whether it is a script: it is taken for a program.
 */
export function executableOf(program: string): Executable {
  const exe = resolvedExe(program);
  const line = isRemote(program) ? '' : firstLine(exe);
  if (!line.startsWith('#!')) return { exe, script: false };
  const [interpreter = '', argument = ''] = line.slice(2).trim().split(/\s+/);
  const named = basename(interpreter) === 'env' ? onPath(argument) : interpreter;
  return { exe: resolvedExe(named), script: true };
}

/** The path as /proc/PID/exe shows it: without symbolic links. */
export const resolvedExe = (path: string): string => (isRemote(path) ? path : resolved(path));

let mounts: ReturnType<typeof watchMounts> | null = null;

function isRemote(path: string): boolean {
  mounts ??= watchMounts();
  return remoteMountOn(path, mounts()) !== null;
}

/** path_resolution(7): the kernel follows as many. */
const mostLinks = 40;

/** The last part need not exist (any more). */
function resolved(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = attempt(() => realpathSync(dirname(path)));
    if (folder === null) return path;
    const target = links < mostLinks ? attempt(() => readlinkSync(path)) : null;
    return target === null
      ? join(folder, basename(path))
      : resolved(resolve(folder, target), links + 1);
  }
}

function attempt(act: () => string): string | null {
  try {
    return act();
  } catch {
    return null;
  }
}

/** Enough for any #! line that the kernel reads: BINPRM_BUF_SIZE is 256 since Linux 5.1. */
function firstLine(path: string): string {
  const text = attempt(() => {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const buffer = Buffer.alloc(256);
      return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(fd);
    }
  });
  return text?.split('\n', 1)[0] ?? '';
}

/** The PATH that services are given, in which env(1) looks. */
export const servicePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function onPath(name: string): string {
  const there = (folder: string) => attempt(() => realpathSync(`${folder}/${name}`));
  for (const folder of servicePath.split(':')) {
    const path = there(folder);
    if (path !== null) return path;
  }
  return name;
}
