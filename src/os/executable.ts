/** What /proc/PID/exe and cmdline will show of a program once it runs. */

import { closeSync, constants, openSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** `script`: the interpreter is the executable, and the script's own argv comes last. */
export type Executable = Readonly<{ exe: string; script: boolean }>;

/** The executable behind an absolute path; null if there is none now. */
export function executableOf(program: string): Executable | null {
  try {
    const exe = realpathSync(program);
    const line = firstLine(exe);
    if (!line.startsWith('#!')) return { exe, script: false };
    const [interpreter = '', argument = ''] = line.slice(2).trim().split(/\s+/);
    const named = basename(interpreter) === 'env' ? onPath(argument) : interpreter;
    return { exe: realpathSync(named), script: true };
  } catch {
    return null;
  }
}

/** Enough for any #! line that the kernel reads: BINPRM_BUF_SIZE is 256 since Linux 5.1. */
function firstLine(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const buffer = Buffer.alloc(256);
    const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
    return text.split('\n', 1)[0] ?? '';
  } finally {
    closeSync(fd);
  }
}

/** The PATH that services are given, in which env(1) looks. */
export const servicePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function onPath(name: string): string {
  for (const folder of servicePath.split(':')) {
    try {
      return realpathSync(`${folder}/${name}`);
    } catch {
      // Not in this folder: the next one.
    }
  }
  return name;
}
