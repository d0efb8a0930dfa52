/** The processes of a machine, as its own /proc shows them, and their numbers on the host. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type Process = Readonly<{
  pid: number;
  parent: number;
  name: string;
  /** One letter of proc_pid_stat(5): R, S, D, T, Z … */
  state: string;
  /** Clock ticks since boot: with the pid, one life of a process. */
  startTime: number;
  args: readonly string[];
}>;

/** Whom to find: a part of the command line, words separated by spaces, or a condition. */
export type Match = string | RegExp | ((process: Process) => boolean);

/** All processes in a folder that shows /proc, in order of their numbers. */
export function listProcesses(proc: string): readonly Process[] {
  return readdirSync(proc)
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => readProcess(proc, Number(name)))
    .filter((process) => process !== null)
    .toSorted((one, other) => one.pid - other.pid);
}

/** One process; null if it has gone. */
export function readProcess(proc: string, pid: number): Process | null {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, 'latin1');
    const open = stat.indexOf('(');
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    const line = readFileSync(`${proc}/${pid}/cmdline`, 'utf8');
    return {
      pid,
      parent: Number(fields[1]),
      name: stat.slice(open + 1, close),
      state: fields[0] ?? '?',
      startTime: Number(fields[19]),
      args: line === '' ? [] : line.replace(/\0$/, '').split('\0'),
    };
  } catch {
    return null;
  }
}

export function matches(process: Process, match: Match): boolean {
  if (typeof match === 'function') return match(process);
  const line = process.args.join(' ');
  return typeof match === 'string' ? line.includes(match) : match.test(line);
}

/** The PID namespace of a process of the host, such as `pid:[4026532001]`. */
export const pidNamespace = (hostPid: number): string => readlinkSync(`/proc/${hostPid}/ns/pid`);

/** The host's number of process `pid` of a PID namespace; null if there is no such process. */
export function hostPidOf(pid: number, namespace: string): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      // proc_pid_status(5): the last number is the one in the innermost namespace.
      const status = readFileSync(`/proc/${name}/status`, 'latin1');
      const numbers = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? [];
      if (numbers.length < 2 || Number(numbers.at(-1)) !== pid) continue;
      if (readlinkSync(`/proc/${name}/ns/pid`) === namespace) return Number(name);
    } catch {
      continue; // It has ended, or belongs to somebody else.
    }
  }
  return null;
}
