/**
 * CPU and memory by systeminformation, which runs ps(1) and reads /proc. Parts of it block on
 * child processes: right for a client, and the reason why the daemon has nothing of it.
 */

/** One process: `cpu` in per cent of the whole machine, `memory` in resident bytes. */
export type ProcessUse = Readonly<{ pid: number; parentPid: number; cpu: number; memory: number }>;

/** Memory in bytes. */
export type Sample = Readonly<{
  processes: readonly ProcessUse[];
  cpu: number;
  memoryUsed: number;
  memoryTotal: number;
}>;

/** The first sample of a program tells about the time since boot, later ones since the last. */
export async function takeSample(): Promise<Sample> {
  const { currentLoad, mem, processes } = await import('systeminformation');
  const { list } = await processes();
  const load = await currentLoad();
  const memory = await mem();
  return {
    processes: list.map(({ pid, parentPid, cpu, memRss }) => ({
      pid,
      parentPid,
      cpu,
      memory: memRss * 1024,
    })),
    cpu: load.currentLoad,
    memoryUsed: memory.active,
    memoryTotal: memory.total,
  };
}

/** What a process and all that descend from it use together. */
export type Use = Readonly<{ processes: number; cpu: number; memory: number }>;

/**
 * Answers for any process of the sample; null for one that is not in it. What has left the family
 * by forking twice is not counted.
 */
export function familyUse({ processes }: Sample): (pid: number) => Use | null {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const children = new Map<number, ProcessUse[]>();
  for (const process of processes) {
    const siblings = children.get(process.parentPid);
    if (siblings === undefined) children.set(process.parentPid, [process]);
    else siblings.push(process);
  }
  return (pid) => {
    const first = byPid.get(pid);
    if (first === undefined) return null;
    const family = new Set<ProcessUse>([first]);
    // A set takes in what is added while it is walked, and nothing twice: ps(1) is no snapshot,
    // and a number that was used again can make a process its own ancestor.
    for (const one of family) children.get(one.pid)?.forEach((child) => family.add(child));
    const members = [...family];
    return {
      processes: members.length,
      cpu: members.reduce((sum, { cpu }) => sum + cpu, 0),
      memory: members.reduce((sum, { memory }) => sum + memory, 0),
    };
  };
}
