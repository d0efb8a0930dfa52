/** What happens to esmd itself. */

import { kinds } from '../services.js';
import type { World } from '../world.js';
import { pause, signalMain, type Action } from './action.js';

/** The next esmd is there soon, unless it waits since there were five within two minutes. */
const careMs = 15_000;
const startMs = 5_000;

/** Kills esmd, does `meanwhile`, and waits until the next one answers. */
async function killEsmd(world: World, meanwhile: () => void): Promise<string> {
  const old = await world.guarded.esmdPid();
  // Now and then it has to be careful; always would be a long wait for each death.
  const isSpared = world.random.percent(90);
  if (isSpared) world.machine.files.remove('/run/esmd/starts');
  world.esmdPid = null;
  const next = await world.hinder(async () => {
    world.machine.kill(old);
    meanwhile();
    const found = await world.guarded.esmdPid(old, careMs + startMs * 2);
    await world.guarded.waitUntilReachable(careMs + startMs);
    return found;
  });
  world.esmdPid = next;
  return `process ${old}, and then ${next}`;
}

const kill: Action = {
  name: 'kill esmd',
  weight: 6,
  killsEsmd: true,
  run: (world) => killEsmd(world, () => undefined),
};

const killBoth: Action = {
  name: 'kill esmd and daemons at the same moment',
  weight: 6,
  killsEsmd: true,
  run: async (world) => {
    const victims = world.random.some(kinds, 40);
    const strike = (): void => victims.forEach((kind) => signalMain(world, kind));
    const isFirst = world.random.percent(50);
    if (isFirst) strike();
    const text = await killEsmd(world, isFirst ? () => undefined : strike);
    return `${victims.map(({ name }) => name).join(', ')}; ${text}`;
  },
};

const loseTable: Action = {
  name: 'kill esmd, and remove its table',
  weight: 2,
  killsEsmd: true,
  run: async (world) => {
    // What an operator has stopped is known from the table alone.
    if (world.those('down').length > 0) return null;
    world.machine.kill(await world.guarded.esmdPid(), 'SIGSTOP');
    world.machine.files.remove('/run/esmd/table.json');
    return killEsmd(world, () => undefined);
  },
};

const suspend: Action = {
  name: 'stop esmd, kill daemons, continue it',
  weight: 5,
  run: async (world) => {
    const esmd = await world.guarded.esmdPid();
    const victims = world.random.some(kinds, 40);
    const ms = world.random.between(0, 3_000);
    await world.hinder(async () => {
      world.machine.kill(esmd, 'SIGSTOP');
      for (const kind of victims) signalMain(world, kind);
      await pause(ms);
      world.machine.kill(esmd, 'SIGCONT');
    });
    return `for ${ms} ms: ${victims.map(({ name }) => name).join(', ')}`;
  },
};

const signal: Action = {
  name: 'signal esmd',
  weight: 4,
  run: async (world) => {
    const which = world.random.pick(['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const);
    await world.guarded.signalEsmd(which);
    return which;
  },
};

export const monitorActions: readonly Action[] = [kill, killBoth, loseTable, suspend, signal];
