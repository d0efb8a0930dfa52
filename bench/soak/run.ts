/** The course of a soak test: a rough part in which esmd is killed, and one long life of it. */

import type { Action } from './actions/action.js';
import { Checker } from './checker.js';
import { drive, perform, settle } from './driver.js';
import { grown, judgeGrowth, privateMemory } from './memory.js';
import type { Random } from './random.js';
import { World } from './world.js';

const minuteMs = 60_000;

/** Of the whole time. */
const roughShare = 0.35;

/** A life shorter than this has no first minute to compare its end with. */
const leastLifeMs = 2 * minuteMs;

export type Soaked = Readonly<{
  actions: number;
  lives: number;
  /** Milliseconds. */
  longestAbsence: number;
  /** Megabytes after each minute of the long life; null: it was too short. */
  memory: readonly number[] | null;
}>;

/** Throws what was violated, with all that is known of it in `world`. */
export async function soak(
  random: Random,
  ms: number,
  harm: Action | null = null,
): Promise<Soaked> {
  const world = await World.make(random);
  const checker = new Checker(world);
  try {
    checker.begin();
    await settle(world, checker);
    if (harm !== null) await perform(world, checker, harm);
    await drive(world, checker, ms * roughShare, true);
    await settle(world, checker);
    const memory = await liveOn(world, checker, ms * (1 - roughShare));
    const { longestAbsence } = checker;
    return { actions: world.journal.count, lives: world.lives(), longestAbsence, memory };
  } catch (error) {
    explain(world);
    throw error;
  } finally {
    checker.end();
    await world.machine.destroy();
  }
}

/** The long life. */
async function liveOn(world: World, checker: Checker, ms: number): Promise<Soaked['memory']> {
  if (ms < leastLifeMs) {
    await drive(world, checker, ms, false);
    await settle(world, checker);
    return null;
  }
  await drive(world, checker, minuteMs, false);
  await settle(world, checker);
  const first = await privateMemory(world, 0);
  const course = [first];
  let left = ms - minuteMs;
  while (left > 0) {
    await drive(world, checker, Math.min(left, minuteMs), false);
    await settle(world, checker);
    left -= minuteMs;
    course.push(await privateMemory(world, left > 0 ? Infinity : grown(first)));
  }
  judgeGrowth(course);
  return course;
}

const shown = 50;

/** What led to it. */
function explain(world: World): void {
  const { journal, machine } = world;
  console.log(`The last ${shown} actions:`);
  for (const line of journal.last(shown)) console.log(line);
  console.log(`Now: ${journal.seconds().toFixed(3)} s`);
  console.log(machine.describe());
}
