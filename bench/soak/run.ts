/** The course of a soak test: a rough part in which esmd is killed, and one long life of it. */

import type { Action } from './actions/action.js';
import { Checker } from './checker.js';
import { drive, perform, settle } from './driver.js';
import { judgeGrowth, privateMemory, type Memory } from './memory.js';
import type { Random } from './random.js';
import { World } from './world.js';

const minuteMs = 60_000;

/** Of the whole time. */
const roughShare = 0.35;

/** A life shorter than this has no first minute to compare its end with. */
const leastLifeMs = 2 * minuteMs;

export type Soaked = Readonly<{
  /** How often each action was. */
  done: ReadonlyMap<string, number>;
  /** Of daemons. */
  lives: number;
  /** Milliseconds. */
  longestAbsence: number;
  /** After each minute of the long life; null: it was too short. */
  memory: readonly Memory[] | null;
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
    return { done: world.journal.done, lives: world.lives(), longestAbsence, memory };
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
  const course: Memory[] = [];
  for (let left = ms; left > 0; left -= minuteMs) {
    await drive(world, checker, Math.min(left, minuteMs), false);
    await settle(world, checker);
    course.push(await privateMemory(world));
  }
  await settle(world, checker);
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
