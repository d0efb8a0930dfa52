/** Processes that are none of esmd's business, and look as if they were. */

import { actor, kinds, pidFileOf } from '../services.js';
import type { World } from '../world.js';
import { oneOf, pause, signalMain, type Action } from './action.js';

/** How long one lives; some dozens are there at a time. */
const lifeMs = 15_000;
const most = 30;

const decoy = (verb: string, name: string): readonly string[] => [
  '/usr/bin/env',
  `ACTOR_DECOY=${lifeMs}`,
  actor,
  verb,
  name,
];

const hasRoom = (world: World): boolean => world.decoys().length < most;

/** The same program and arguments, in the hands of a user who is not to be believed. */
const twin: Action = {
  name: 'a twin that belongs to another user',
  weight: 4,
  run: async (world) => {
    if (!hasRoom(world)) return null;
    const kind = world.random.pick(kinds);
    const marker = `ESMD_SERVICE=${kind.name} ESMD_INCARNATION=${world.random.between(1, 99)}`;
    const options = `variant=0`;
    const command = decoy(kind.script === null ? 'run' : 'serve', kind.name).join(' ');
    const text = `${marker} setsid ${command} ${kind.script === null ? options : ''} >/dev/null 2>&1 &`;
    const user = ['setpriv', '--reuid=65534', '--clear-groups'];
    const before = world.decoysBegun();
    await world.machine.must([...user, 'sh', '-c', text]);
    await world.machine.waitFor(() => world.decoysBegun() > before, 'the twin to begin');
    return kind.name;
  },
};

/** It has the number of a daemon that has died while esmd did not look, and its pid file names it. */
const number: Action = {
  name: 'a stranger under the number of a daemon',
  weight: 4,
  run: async (world) => {
    const kind = oneOf(
      world,
      world.those('up').filter(({ script }) => script !== null),
    );
    const pid = kind === null ? null : world.main(kind);
    if (kind === null || pid === null || !hasRoom(world)) return null;
    const esmd = await world.guarded.esmdPid();
    const { machine } = world;
    await world.hinder(async () => {
      machine.kill(esmd, 'SIGSTOP');
      signalMain(world, kind);
      await machine.waitFor(() => machine.process(pid) === null, 'a free number');
      await machine.startAs(pid, decoy('be', 'number'));
      machine.kill(esmd, 'SIGCONT');
    });
    return `${kind.name}, ${pid}`;
  },
};

/** A pid file that names a stranger. */
const lie: Action = {
  name: 'a pid file that names a stranger',
  weight: 4,
  run: async (world) => {
    const kind = oneOf(
      world,
      kinds.filter(({ script }) => script !== null),
    );
    if (kind === null || !hasRoom(world)) return null;
    const { pid } = await world.machine.start(decoy('be', 'named'));
    world.machine.files.replace(pidFileOf(kind.name), `${pid}\n`);
    await pause(world.random.between(0, 50));
    signalMain(world, kind);
    return `${kind.name}, ${pid}`;
  },
};

export const strangerActions: readonly Action[] = [twin, number, lie];
