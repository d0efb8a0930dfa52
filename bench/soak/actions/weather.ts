/** What esmd depends on, and is not to be stopped by. */

import { syslogd } from '../../../test/init/lib/light.js';
import type { World } from '../world.js';
import { pause, signalMain, type Action } from './action.js';
import { kinds } from '../services.js';

const syslogPid = (world: World): number | null => world.machine.pids(syslogd)[0] ?? null;

const killSyslog: Action = {
  name: 'kill syslogd',
  weight: 2,
  run: (world) => {
    const pid = syslogPid(world);
    if (pid === null) return Promise.resolve(null);
    const isReplaced = world.random.percent(50);
    if (isReplaced) world.machine.files.remove('/dev/log');
    world.machine.kill(pid);
    return Promise.resolve(isReplaced ? 'and remove its socket' : '');
  },
};

const suspendSyslog: Action = {
  name: 'stop syslogd, kill daemons, continue it',
  weight: 3,
  run: async (world) => {
    const pid = syslogPid(world);
    if (pid === null) return null;
    world.machine.kill(pid, 'SIGSTOP');
    const end = performance.now() + world.random.between(0, 2_000);
    while (performance.now() < end) {
      signalMain(world, world.random.pick(kinds));
      await pause(20);
    }
    world.machine.kill(pid, 'SIGCONT');
    return '';
  },
};

const noProcesses: Action = {
  name: 'let fork fail for a while',
  weight: 2,
  run: async (world) => {
    const victims = world.random.some(kinds, 50);
    await world.hinder(async () => {
      world.machine.limitProcesses(1);
      for (const kind of victims) signalMain(world, kind);
      await pause(world.random.between(100, 1_500));
      world.machine.limitProcesses(null);
    });
    return victims.map(({ name }) => name).join(', ');
  },
};

export const weatherActions: readonly Action[] = [killSyslog, suspendSyslog, noProcesses];
