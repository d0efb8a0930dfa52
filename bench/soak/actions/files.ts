/** Definitions that change, disappear, are broken. */

import { definition, kinds } from '../services.js';
import type { World } from '../world.js';
import { mustAnswer, oneOf, pause, signalMain, type Action } from './action.js';

const mostVariant = 5;

async function reload(world: World): Promise<void> {
  if (world.random.percent(50)) await world.guarded.signalEsmd('SIGHUP');
  else await world.machine.run(['esmctl', 'reload']);
}

const change: Action = {
  name: 'change definitions and reload',
  weight: 5,
  run: async (world) => {
    const changed = world.random.some(kinds, 40);
    const variant = world.random.between(0, mostVariant);
    for (const kind of changed) world.machine.files.replace(...definition(kind, variant));
    await reload(world);
    return `variant ${variant}: ${changed.map(({ name }) => name).join(', ')}`;
  },
};

const breakOne: Action = {
  name: 'break a definition',
  weight: 2,
  run: async (world) => {
    const kind = world.random.pick(kinds);
    const [path, text] = definition(kind, 0);
    world.machine.files.replace(
      path,
      world.random.pick(['command = [', 'nonsense = 1\n', '\0', '']),
    );
    await reload(world);
    signalMain(world, kind);
    await pause(world.random.between(0, 300));
    world.machine.files.replace(path, text);
    await reload(world);
    return kind.name;
  },
};

const removeOne: Action = {
  name: 'remove a definition, and bring it back',
  weight: 2,
  run: async (world) => {
    const kind = oneOf(world, world.those('up'));
    if (kind === null) return null;
    world.want(kind, 'open');
    const [path, text] = definition(kind, 0);
    world.machine.files.remove(path);
    await world.machine.run(['esmctl', 'reload']);
    const isKilled = world.random.percent(50);
    if (isKilled) signalMain(world, kind);
    await pause(world.random.between(0, 300));
    world.machine.files.replace(path, text);
    await mustAnswer(world, null, ['esmctl', 'reload']);
    world.want(kind, 'up');
    return `${kind.name}${isKilled ? ', killed meanwhile' : ''}`;
  },
};

export const fileActions: readonly Action[] = [change, breakOne, removeOne];
