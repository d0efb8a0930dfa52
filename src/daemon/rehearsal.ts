/**
 * V8 compiles a function when it is called first, and restarts are rare: the first one after a start
 * of esmd took 6 to 15 ms, and the later ones 2. So esmd has something to restart before it goes to
 * sleep for the first time: true(1), which ends at once, with a shell, an epoll set and a monitor of
 * its own. Nothing of it is seen in the status, the log or the table.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { emptyMonitor, type Input, type Monitor } from '../core/monitor/monitor.js';
import type { Spec } from '../core/service/spec.js';
import { ok } from '../core/result.js';
import { millis, sequence } from '../core/units.js';
import { createAlarm } from '../os/alarm.js';
import { clock } from '../os/clock.js';
import { openExits } from '../os/exits.js';
import type { Cgroups, Exits, ProcessTable, Spawner } from '../os/os.js';
import { HeldProcesses } from './held-processes.js';
import { Shell } from './shell.js';
import { TableWriter } from './table.js';

/** What is the daemon's own, but for who watches the processes. */
export type Stage = Readonly<{
  processes: ProcessTable;
  hasSignal: () => boolean;
  spawnerFor: (exits: Exits) => Spawner;
}>;

/** So often it is restarted. What is called eight times is as fast as it will ever be. */
const rounds = 16;

/** No service can have this name. */
const name = '.rehearsal';

/** To move what ends at once would only keep the threads of the pool busy. */
const noCgroups: Cgroups = {
  folder: () => null,
  hasMemory: false,
  setMemoryMax: () => ok(undefined),
  place: () => ok(undefined),
  members: () => [],
  kill: () => ok(undefined),
  remove: () => undefined,
};

/** A machine on which true(1) does not run, or takes this long, has other worries. Milliseconds. */
const patienceMs = 2_000;

/** Restarts it as often as is useful; returns how often that was. */
export async function rehearse(like: Spec, stage: Stage): Promise<number> {
  const play = new Play(stage);
  const writer = new TableWriter('');
  play.post(...opening(like));
  const lasts = performance.now() + patienceMs;
  while (play.goesOn && performance.now() < lasts) {
    writer.encode(play.monitor, sequence(0));
    await pause(1);
  }
  play.post(curtain);
  // Its end is waited for: nobody else would know that it is dead.
  while (!play.isOver && performance.now() < lasts) await pause(1);
  play.end();
  return play.restarts;
}

const stateFile = (mode: 'run' | 'shutdown'): Input => ({
  type: 'state-file',
  file: { mode, daemons: new Map(), warnings: [] },
});

/** From now on it is not monitored, and not restarted any more. */
const curtain = stateFile('shutdown');

function opening(like: Spec): readonly Input[] {
  const spec: Spec = {
    ...like,
    name,
    launch: { type: 'command', command: ['/bin/true'] },
    pidfile: null,
    match: null,
    stop: null,
    user: null,
    group: null,
    environment: {},
    // It is refused, as it is no regular file; but it is looked at like one.
    log: '/dev/null',
    kill: 'process',
    limits: { nofile: null, memoryMax: null },
    restart: { ...like.restart, limit: rounds, delay: millis(0) },
  };
  const [requires, after] = [new Map(), new Map()];
  return [stateFile('run'), { type: 'configured', specs: [spec], requires, after, problems: [] }];
}

class Play {
  readonly #exits: Exits;
  readonly #shell: Shell;
  #bug: Error | null = null;

  constructor({ processes, hasSignal, spawnerFor }: Stage) {
    this.#exits = openExits({
      onReady: () => {
        this.#shell.hear();
      },
      onBug: (error) => {
        this.#bug ??= error instanceof Error ? error : new Error(String(error));
      },
    });
    const spawner = spawnerFor(this.#exits);
    this.#shell = new Shell(emptyMonitor, {
      os: { exits: this.#exits, clock, processes, cgroups: noCgroups, spawner },
      held: new HeldProcesses(),
      precedence: { take: () => undefined, leave: () => undefined },
      hasSignal,
      hasPaused: () => false,
      lookAtStateFile: () => null,
      alarm: () => 'emergency',
      last: sequence(0),
      behind: () => undefined,
      changed: () => undefined,
      reply: () => undefined,
    });
    this.#shell.useAlarm(createAlarm(clock, () => this.#shell.wake()));
  }

  get monitor(): Monitor {
    return this.#shell.monitor;
  }

  get restarts(): number {
    return this.#service?.restarts ?? 0;
  }

  /** Not if it is refused, or if the kernel has no process for it. */
  get goesOn(): boolean {
    const state = this.#service?.actual.state;
    const isInVain = state === 'backoff' || state === 'failed';
    return this.#bug === null && this.restarts < rounds && !isInVain;
  }

  get isOver(): boolean {
    const state = this.#service?.actual.state;
    return this.#bug !== null || state === 'stopped' || state === 'failed';
  }

  post(...inputs: readonly Input[]): void {
    for (const input of inputs) this.#shell.post(input);
  }

  end(): void {
    this.#shell.stop();
    this.#exits.close();
    const bug = this.#bug;
    if (bug !== null) throw bug;
  }

  get #service() {
    return this.monitor.services.get(name);
  }
}
