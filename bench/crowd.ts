/** Places with one service and with very many, and what esmd costs there. */

import { setTimeout as pause } from 'node:timers/promises';
import { plainNode } from './plain-node.js';
import { Place } from './place.js';
import { contextSwitches, memoryOf, type Memory } from './process.js';
import { program } from './programs.js';
import { toMs } from './statistics.js';

export type Sizes = Readonly<{
  /** Services in the place with many. */
  many: number;
  idleMs: number;
  starts: number;
}>;

/** Of Node alone with the flags of esmd, of esmd with one service, and with many. */
export type Compared<T> = Readonly<{ plain: T; one: T; many: T }>;

/** The places: in that with one service Node runs alone, too. */
export type Crowd = Readonly<{ one: Place; many: Place }>;

/** One of many that are alike. Killed again and again it is restarted without a delay. */
const service = (slot: number): string =>
  `command = ["${program('daemon')}", "${slot}"]\n[restart]\nlimit = 10000\ndelay = "0s"\n`;

const services = (number: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: number }, (_, slot) => [`daemon-${slot}`, service(slot)]),
  );

/** The slot of Node alone. */
const plainSlot = 1000;

export async function makeCrowd(programs: string, many: number): Promise<Crowd> {
  const one = await Place.make({ programs, services: services(1), ...plainNode(plainSlot) });
  try {
    return { one, many: await Place.make({ programs, services: services(many) }) };
  } catch (error) {
    await one.machine.destroy();
    throw error;
  }
}

/** V8 collects what a start has left behind some 8 s later; then it is quiet. */
const quietMs = 10_000;
const mostQuietings = 6;

export type Idle = Readonly<{ switches: Compared<number>; memory: Compared<Memory> }>;

export async function measureIdle({ one, many }: Crowd, idleMs: number): Promise<Idle> {
  const pids = {
    plain: one.hostPid(one.birth(plainSlot).pid),
    one: one.esmdHostPid(),
    many: many.esmdHostPid(),
  };
  await settle(pids);
  const before = compare(pids, contextSwitches);
  await pause(idleMs);
  const after = compare(pids, contextSwitches);
  return {
    switches: {
      plain: after.plain - before.plain,
      one: after.one - before.one,
      many: after.many - before.many,
    },
    memory: compare(pids, memoryOf),
  };
}

/** Until nothing has stirred for a while, or that is not to be expected any more. */
async function settle(pids: Compared<number>): Promise<void> {
  const stirs = (): string => JSON.stringify(compare(pids, contextSwitches));
  for (let tries = 0; tries < mostQuietings; tries += 1) {
    const before = stirs();
    await pause(quietMs);
    if (stirs() === before) return;
  }
}

const compare = <T>(pids: Compared<number>, ask: (pid: number) => T): Compared<T> => ({
  plain: ask(pids.plain),
  one: ask(pids.one),
  many: ask(pids.many),
});

/** Milliseconds from the exec of esmd to the end of the first status that shows all adopted. */
export async function measureStarts(place: Place, times: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let done = 0; done < times; done += 1) {
    await place.killEsmd();
    const { at } = await place.allRun();
    found.push(toMs(at - place.esmd().at));
    await pause(500); // Its first table is written, and it sleeps.
  }
  return found;
}
