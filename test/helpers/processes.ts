/** Real processes for tests: children of this one, strangers, and a sure end for all of them. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { pid as toPid, type Pid } from '../../src/core/units.js';
import { spawnProcess } from '../../src/os/libc/spawn.js';

const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'];

/** Kills `pid` when the test ends, if it still is the process that it is now. */
function endWith(context: TestContext, pid: number): void {
  const born = startTime(pid);
  context.after(() => {
    if (born !== null && startTime(pid) === born) process.kill(pid, 'SIGKILL');
  });
}

/** Field 22 of /proc/PID/stat; null if there is no such process. */
export function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** State letter of /proc/PID/stat; null if there is no such process. */
export function stateOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? null;
  } catch {
    return null;
  }
}

/** Starts a child of this process, in a session of its own. libuv does not know it. */
export function startChild(context: TestContext, ...argv: readonly string[]): Pid {
  const nothing = openSync('/dev/null', 'r+');
  try {
    const descriptors = [nothing, nothing, nothing] as const;
    const pid = spawnProcess({ argv, environment, directory: '/', descriptors });
    if (pid < 0) throw new Error(`posix_spawn of ${argv.join(' ')}: ${pid}`);
    endWith(context, pid);
    return toPid(pid);
  } finally {
    closeSync(nothing);
  }
}

/** Runs a command in the background of a shell that ends: PID 1, or a subreaper, adopts it. */
export function startOrphan(context: TestContext, command: string): Pid {
  const script = `${command} </dev/null >/dev/null 2>&1 & echo $!`;
  const pid = Number(execFileSync('/bin/sh', ['-c', script], { encoding: 'latin1' }));
  endWith(context, pid);
  return toPid(pid);
}

/** Runs a command as the child of a shell that waits for it: a stranger that is reaped at once. */
export async function startStranger(context: TestContext, command: string): Promise<Pid> {
  const script = `${command} </dev/null >/dev/null 2>&1 & echo $!; wait`;
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString('latin1'));
  endWith(context, pid);
  return toPid(pid);
}

/** The processes of a group, without zombies. */
export function membersOf(group: number): readonly number[] {
  return list().flatMap((one) => (one.group === group && one.state !== 'Z' ? [one.pid] : []));
}

export function childrenOf(parent: number): readonly number[] {
  return list().flatMap((one) => (one.parent === parent ? [one.pid] : []));
}

type Listed = Readonly<{ pid: number; parent: number; group: number; state: string }>;

function list(): readonly Listed[] {
  const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], {
    encoding: 'latin1',
  });
  return listing
    .trim()
    .split('\n')
    .map((line) => {
      const [number, parent, group, state = ''] = line.trim().split(/\s+/);
      return {
        pid: Number(number),
        parent: Number(parent),
        group: Number(group),
        state: state.charAt(0),
      };
    });
}
