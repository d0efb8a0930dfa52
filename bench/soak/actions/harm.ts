/** What esmd would have to do for the soak test to complain; done by us, to see that it does. */

import { actor, kinds } from '../services.js';
import type { World } from '../world.js';
import { pause, signalMain, type Action } from './action.js';

/** Long enough for the checker to have looked some times. */
const seenMs = 1_000;

const strangerLives = 20_000;

async function stranger(world: World, signal: NodeJS.Signals): Promise<void> {
  const command = ['env', `ACTOR_DECOY=${strangerLives}`, actor, 'be', 'stranger'];
  const { pid } = await world.machine.start(command);
  await world.machine.waitFor(() => world.decoys().includes(pid), 'the stranger');
  world.machine.kill(pid, signal);
}

const harms: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'second copy': (world) => world.machine.run([actor, 'run', 'plain']),
  'signalled stranger': (world) => stranger(world, 'SIGTERM'),
  'killed stranger': (world) => stranger(world, 'SIGKILL'),
  'death of esmd': async (world) => world.machine.kill(await world.guarded.esmdPid()),
  absence: async (world) => {
    world.machine.kill(await world.guarded.esmdPid(), 'SIGSTOP');
    const [plain] = kinds;
    if (plain === undefined) return;
    signalMain(world, plain);
    await pause(plain.boundMs);
  },
};

/** Null unless `name` is one of them. */
export function harmOf(name: string): Action | null {
  const harm = harms[name];
  if (harm === undefined) return null;
  const run = async (world: World): Promise<string> => {
    world.journal.note(`harm: ${name}`);
    await harm(world);
    await pause(seenMs);
    return name;
  };
  return { name: 'harm', weight: 0, run };
}
