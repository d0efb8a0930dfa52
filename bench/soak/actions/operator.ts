/** What an operator asks of esmd by esmctl, and a machine by its init scripts. */

import type { Kind } from '../services.js';
import type { World } from '../world.js';
import { mustAnswer, oneOf, pause, signalMain, type Action } from './action.js';

/** Stopped services, by who has stopped them; not more at once than this. */
const mostDown = 3;

/** One that runs and has an init script, which is not to start a second one beside esmd's start. */
async function oneWithScript(world: World): Promise<readonly [Kind, string] | null> {
  const found = world.those('up').filter(({ script }) => script !== null);
  const kind = oneOf(world, found);
  const script = kind?.script ?? null;
  if (kind === null || script === null) return null;
  await world.machine.waitFor(() => world.main(kind) !== null, `${kind.name} to run`, kind.boundMs);
  return [kind, script];
}

export async function esmctl(world: World, kind: Kind, verb: 'start' | 'restart'): Promise<string> {
  world.want(kind, 'open');
  await mustAnswer(world, kind, ['esmctl', verb, kind.name]);
  world.want(kind, 'up');
  return kind.name;
}

export async function esmctlStop(world: World, kind: Kind): Promise<string> {
  world.want(kind, 'open');
  await mustAnswer(world, null, ['esmctl', 'stop', '--force', kind.name]);
  world.want(kind, 'down');
  return kind.name;
}

const stop: Action = {
  name: 'esmctl stop',
  weight: 6,
  run: async (world) => {
    const kind = oneOf(world, world.those('up'));
    if (kind === null || world.those('down').length >= mostDown) return null;
    return esmctlStop(world, kind);
  },
};

const canStart = (world: World, { needs }: Kind): boolean =>
  needs === null || world.those('up').some(({ name }) => name === needs);

const restart: Action = {
  name: 'esmctl restart',
  weight: 4,
  run: async (world) => {
    const kind = oneOf(
      world,
      world.those('up').filter((each) => canStart(world, each)),
    );
    return kind === null ? null : esmctl(world, kind, 'restart');
  },
};

/** By whichever way leads back: a daemon that its script has stopped is not esmctl's to start. */
const start: Action = {
  name: 'start what was stopped',
  weight: 8,
  run: async (world) => {
    const kind = oneOf(
      world,
      world.those('down').filter((each) => canStart(world, each)),
    );
    if (kind === null) return null;
    const { desiredBy } = await world.guarded.service(kind.name);
    if (kind.script === null || (desiredBy === 'operator' && world.random.percent(50))) {
      return `esmctl: ${await esmctl(world, kind, 'start')}`;
    }
    world.want(kind, 'open');
    await mustAnswer(world, kind, [kind.script, 'start']);
    world.want(kind, 'up');
    return `its script: ${kind.name}`;
  },
};

const scriptStop: Action = {
  name: 'stop by init script',
  weight: 4,
  run: async (world) => {
    if (world.those('down').length >= mostDown) return null;
    const found = await oneWithScript(world);
    if (found === null) return null;
    const [kind, script] = found;
    world.want(kind, 'open');
    await mustAnswer(world, kind, [script, 'stop']);
    world.want(kind, 'down');
    return kind.name;
  },
};

const scriptRestart: Action = {
  name: 'restart by init script',
  weight: 4,
  run: async (world) => {
    const found = await oneWithScript(world);
    if (found === null) return null;
    const [kind, script] = found;
    await mustAnswer(world, kind, [script, 'restart']);
    return kind.name;
  },
};

/** For a while nothing is monitored: what dies then stays dead, and runs again afterwards. */
const changeMode: Action = {
  name: 'leave mode run, and come back',
  weight: 3,
  run: async (world) => {
    const verb = world.random.pick(['stop', 'boot'] as const);
    const all = [...world.those('up'), ...world.those('down'), ...world.those('open')];
    for (const kind of all) world.want(kind, 'open');
    await mustAnswer(world, null, ['/etc/init.d/esm', '--force', verb]);
    const victim = world.random.pick(all);
    signalMain(world, victim);
    await pause(world.random.between(0, 400));
    // Only a boot ends what an operator has stopped.
    for (const { name } of verb === 'boot' ? [] : all) {
      await mustAnswer(world, null, ['esmctl', 'reset', name]);
    }
    await mustAnswer(world, null, ['/etc/init.d/esm', '--force', 'start']);
    for (const kind of all) world.want(kind, 'up');
    return `esm ${verb}, kill ${victim.name}, esm start`;
  },
};

export const operatorActions: readonly Action[] = [
  stop,
  start,
  restart,
  scriptStop,
  scriptRestart,
  changeMode,
];
