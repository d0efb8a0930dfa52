/** Deaths of daemons. */

import { kinds } from '../services.js';
import { pause, signalMain, type Action } from './action.js';

const kill: Action = {
  name: 'kill a daemon',
  weight: 30,
  run: (world) => {
    const kind = world.random.pick(kinds);
    const signal = world.random.pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSEGV'] as const);
    return Promise.resolve(`${kind.name}, ${signal}, process ${signalMain(world, kind, signal)}`);
  },
};

const killSome: Action = {
  name: 'kill some daemons at once',
  weight: 6,
  run: (world) => {
    const victims = world.random.some(kinds, 50);
    for (const kind of victims) signalMain(world, kind);
    return Promise.resolve(victims.map(({ name }) => name).join(', '));
  },
};

const killAgain: Action = {
  name: 'kill a daemon again and again',
  weight: 3,
  run: async (world) => {
    const kind = world.random.pick(kinds);
    const times = world.random.between(3, 10);
    for (let done = 0; done < times; done += 1) {
      signalMain(world, kind);
      await pause(world.random.between(0, 100));
    }
    return `${kind.name}, ${times} times`;
  },
};

const suspend: Action = {
  name: 'stop a daemon by SIGSTOP',
  weight: 3,
  run: async (world) => {
    const kind = world.random.pick(kinds);
    const pid = signalMain(world, kind, 'SIGSTOP');
    await pause(world.random.between(0, 300));
    if (pid === null) return null;
    const signal = world.random.pick(['SIGCONT', 'SIGKILL'] as const);
    world.machine.kill(pid, signal);
    return `${kind.name}, then ${signal}`;
  },
};

export const daemonActions: readonly Action[] = [kill, killSome, killAgain, suspend];
