/** What a peer costs while nothing happens: wake-ups, processor time, memory of all its processes. */

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Machine } from '../../test/init/lib/machine.js';
import { contextSwitches, memoryOf, type Memory } from '../process.js';
import type { Peer } from './peer.js';

/** `ticks`: of a hundredth of a second, over the whole time. */
export type Cost = Readonly<{
  processes: number;
  wakeUpsPerSecond: number;
  ticks: number;
  memory: Memory;
}>;

export type Watched = Readonly<{ machine: Machine; peer: Peer }>;

/** Of each, over the same time. */
export async function measureCosts(
  watched: readonly Watched[],
  idleMs: number,
): Promise<readonly Cost[]> {
  const pids = watched.map(supervisorsOf);
  const look = (): readonly (readonly [number, number])[] =>
    pids.map((each) => [sum(each.map(contextSwitches)), sum(each.map(ticksOf))] as const);
  const before = look();
  await pause(idleMs);
  const after = look();
  return pids.map((each, index) => {
    const [switches = Number.NaN, ticks = Number.NaN] = after[index] ?? [];
    const [switchesBefore = Number.NaN, ticksBefore = Number.NaN] = before[index] ?? [];
    return {
      processes: each.length,
      wakeUpsPerSecond: ((switches - switchesBefore) * 1000) / idleMs,
      ticks: ticks - ticksBefore,
      memory: memoryOfAll(each),
    };
  });
}

/** Host numbers. Throws if the peer does not run. */
export function supervisorsOf({ machine, peer }: Watched): readonly number[] {
  const found = machine
    .processes()
    .filter((process) => process.state !== 'Z' && peer.isSupervisor(process))
    .map(({ pid }) => machine.hostPidOf(pid))
    .filter((pid) => pid !== null);
  if (found.length === 0) throw new Error(`${peer.name} does not run\n${machine.describe()}`);
  return found;
}

/** What several processes share counts once: that is what the kernel's PSS adds up to. */
function memoryOfAll(pids: readonly number[]): Memory {
  const all = pids.map(memoryOf);
  return {
    rss: sum(all.map(({ rss }) => rss)),
    pss: sum(all.map(({ pss }) => pss)),
    private: sum(all.map((memory) => memory.private)),
  };
}

/** See proc_pid_stat(5): utime and stime. */
function ticksOf(hostPid: number): number {
  const stat = readFileSync(`/proc/${hostPid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
