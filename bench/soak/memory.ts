/** The private memory of an esmd over one life of it. */

import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '../process.js';
import { Violation, type World } from './world.js';

/**
 * Memory goes up and down with the collector: the least of some samples is what it needs. Where one
 * collection has left pages half empty, the next one, some restarts later, gives them back.
 */
const leastSamples = 20;
const mostSamples = 120;
const sampleMs = 250;

/** It may have grown by so much since the first minute. */
const mostGrowth = 0.1;

/** Megabytes. `enough`: at this or below it is not waited for a collection. */
export async function privateMemory(world: World, enough: number): Promise<number> {
  const { esmdPid } = world;
  const hostPid = esmdPid === null ? null : world.machine.hostPidOf(esmdPid);
  if (hostPid === null) throw new Violation('There is no esmd to be measured');
  let least = Infinity;
  const isDone = (taken: number): boolean => taken >= leastSamples && least <= enough;
  for (let taken = 0; taken < mostSamples && !isDone(taken); taken += 1) {
    least = Math.min(least, memoryOf(hostPid).private);
    await pause(sampleMs);
  }
  world.journal.note(`private memory of esmd: ${least.toFixed(2)} MB`);
  return least;
}

/** What it may have grown to. */
export const grown = (first: number): number => first * (1 + mostGrowth);

/** Of each minute of a life. Throws if it has grown by more than it may since the first one. */
export function judgeGrowth(course: readonly number[]): void {
  const [first = Number.NaN] = course;
  const last = course.at(-1) ?? Number.NaN;
  if (last <= grown(first)) return;
  const text = course.map((size) => size.toFixed(1)).join(', ');
  throw new Violation(`Private memory of the same esmd has grown, minute by minute: ${text} MB`);
}
