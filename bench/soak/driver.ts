/** Does one thing after the other to the machine, until its time is up or something is wrong. */

import type { Action } from './actions/action.js';
import { pause } from './actions/action.js';
import { clientActions } from './actions/clients.js';
import { daemonActions } from './actions/daemons.js';
import { fileActions } from './actions/files.js';
import { monitorActions } from './actions/monitor.js';
import { operatorActions } from './actions/operator.js';
import { strangerActions } from './actions/strangers.js';
import { weatherActions } from './actions/weather.js';
import type { Checker } from './checker.js';
import { kinds, type Kind } from './services.js';
import { Violation, type World } from './world.js';

const actions: readonly Action[] = [
  ...daemonActions,
  ...monitorActions,
  ...operatorActions,
  ...fileActions,
  ...weatherActions,
  ...strangerActions,
  ...clientActions,
];

/** The longest rest between two actions. */
const mostRestMs = 300;

/** How long it may take until everything is as it is wanted, once nothing is done any more. */
const settleMs = 45_000;

/** Acts for so long; `isRough`: esmd itself is killed, too. Throws a {@link Violation}. */
export async function drive(
  world: World,
  checker: Checker,
  ms: number,
  isRough: boolean,
): Promise<void> {
  const end = performance.now() + ms;
  const possible = actions.filter(({ killsEsmd }) => isRough || killsEsmd !== true);
  while (performance.now() < end) {
    await perform(world, checker, world.random.weighted(possible));
    // Now and then the next thing comes at once.
    if (world.random.percent(80)) await pause(world.random.between(0, mostRestMs));
  }
}

/** Does one thing. Throws a {@link Violation}. */
export async function perform(world: World, checker: Checker, action: Action): Promise<void> {
  const begin = world.journal.seconds();
  try {
    const text = await action.run(world);
    if (text === null) return;
    const took = `${((world.journal.seconds() - begin) * 1000).toFixed(0)} ms`;
    world.journal.noteAction(action.name, `${text} (${took})`);
    if (checker.violation !== null) throw checker.violation;
  } catch (error) {
    world.journal.note(`${action.name}: failed`);
    if (error instanceof Violation) throw error;
    throw new Violation(
      `${action.name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Waits until what is wanted runs, and compares what esmd says of it with what is so. */
export async function settle(world: World, checker: Checker): Promise<void> {
  let disputed: readonly string[] = [];
  const agree = async (): Promise<boolean> => {
    if (checker.violation !== null) throw checker.violation;
    const { services } = await world.guarded.status();
    disputed = kinds.flatMap((kind) => {
      const said = services.find(({ name }) => name === kind.name);
      const main = world.main(kind);
      if (isRight(world, kind, said, main)) return [];
      return `${kind.name}: ${world.wanted(kind)}, process ${main}, ${JSON.stringify(said)}`;
    });
    return disputed.length === 0;
  };
  try {
    await world.machine.waitFor(agree, 'esmd to know what is so, and everything to run', settleMs);
  } catch (error) {
    if (error instanceof Violation) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Violation([why, ...disputed].join('\n'));
  }
  world.journal.note('settled');
}

type Said = Readonly<{ state: string; pid: number | null }>;

function isRight(world: World, kind: Kind, said: Said | undefined, main: number | null): boolean {
  const isDown = said?.state === 'stopped' && main === null;
  if (world.wanted(kind) === 'down') return isDown;
  if (kind.isMortal || (isDown && world.waits(kind))) return true;
  return said?.state === 'running' && said.pid === main;
}
