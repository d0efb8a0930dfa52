/** The private memory of an esmd over one life of it. */

import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '../process.js';
import { esmctl, esmctlStop } from './actions/operator.js';
import { Violation, type World } from './world.js';

/** Megabytes. `left`: as the minute has left it; `resting`: when nothing happens any more. */
export type Memory = Readonly<{ left: number; resting: number }>;

/** esmd collects garbage after one to two seconds without a change, and once more after six to seven. */
const samples = 40;
const sampleMs = 250;

/** It may have grown by so much since the first minute. */
const mostGrowth = 0.1;

/**
 * Each time under the same conditions: nothing dies meanwhile. What one collection leaves behind is
 * then the same as well.
 */
export async function privateMemory(world: World): Promise<Memory> {
  const { esmdPid } = world;
  const hostPid = esmdPid === null ? null : world.machine.hostPidOf(esmdPid);
  if (hostPid === null) throw new Violation('There is no esmd to be measured');
  const left = memoryOf(hostPid).private;
  const mortals = world.those('up').filter(({ isMortal }) => isMortal);
  for (const mortal of mortals) await esmctlStop(world, mortal);
  let resting = Infinity;
  for (let taken = 0; taken < samples; taken += 1) {
    await pause(sampleMs);
    resting = Math.min(resting, memoryOf(hostPid).private);
  }
  for (const mortal of mortals) await esmctl(world, mortal, 'start');
  world.journal.note(`private memory of esmd: ${inWords({ left, resting })} MB`);
  return { left, resting };
}

const inWords = ({ left, resting }: Memory): string =>
  `${resting.toFixed(1)} (before: ${left.toFixed(1)})`;

/** Of each minute of a life. Throws if it has grown by more than it may since the first one. */
export function judgeGrowth(course: readonly Memory[]): void {
  const [first, last] = [course[0], course.at(-1)];
  if (first === undefined || last === undefined) throw new Violation('Memory was not measured');
  if (last.resting <= first.resting * (1 + mostGrowth)) return;
  const minutes = course.map(inWords).join(', ');
  throw new Violation(`Private memory of the same esmd has grown, minute by minute: ${minutes} MB`);
}
