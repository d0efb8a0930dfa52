/**
 * V8 compiles a function when it is called first, and restarts are rare: of hundreds of deaths at
 * once the first turn took twice as long as the later ones. So esmd plays some restarts, with its
 * own shell and core on a kernel that is none, before it goes to sleep for the first time.
 */

import { setImmediate as otherThings } from 'node:timers/promises';
import { emptyMonitor } from '../core/monitor/monitor.js';
import type { Spec } from '../core/service/spec.js';
import { instant, millis, pid, sequence, wallClock } from '../core/units.js';
import type { Clock, Exit, Held } from '../os/os.js';
import { HeldProcesses } from './held-processes.js';
import type { PerformOs } from './perform.js';
import { Shell } from './shell.js';
import { TableWriter } from './table.js';

const rounds = 200;
/** So many at a time, in a few ms: what really happens is not kept waiting. */
const atATime = 10;

/** Plays deaths and restarts of a service like this one; nothing of it is seen or heard. */
export async function rehearse(like: Spec): Promise<void> {
  const stage = new Stage();
  const shell = stageShell(stage, like);
  const writer = new TableWriter('');
  for (let round = 1; round <= rounds; round += 1) {
    stage.kill();
    shell.turn();
    stage.now += like.probation + 1;
    shell.turn();
    if (round % atATime !== 0) continue;
    writer.encode(shell.monitor, shell.last);
    await otherThings();
  }
  shell.stop();
}

/** With that service in it, which runs. */
function stageShell(stage: Stage, like: Spec): Shell {
  const shell = new Shell(emptyMonitor, {
    os: stage.os,
    held: new HeldProcesses(),
    hasPaused: () => false,
    lookAtStateFile: () => null,
    alarm: () => 'emergency',
    last: sequence(0),
    changed: () => undefined,
    reply: () => undefined,
  });
  const spec: Spec = {
    ...like,
    launch: { type: 'command', command: ['/bin/true'] },
    pidfile: null,
    restart: { ...like.restart, limit: rounds + 1, delay: millis(0) },
  };
  const file = { mode: 'run', daemons: new Map(), warnings: [] } as const;
  shell.post({ type: 'state-file', file });
  const [requires, after] = [new Map(), new Map()];
  shell.post({ type: 'configured', specs: [spec], requires, after, problems: [] });
  shell.turn();
  return shell;
}

class Stage {
  now = 0;
  #lastPid = 1;
  #alive: Held | null = null;
  readonly #exits: Exit[] = [];

  readonly os: PerformOs & Readonly<{ clock: Clock }> = {
    clock: { now: () => instant(this.now), wall: () => wallClock(this.now) },
    exits: {
      hold: () => nothing,
      told: () => this.#exits.splice(0),
      drain: () => [],
      hasMore: () => false,
      close: () => undefined,
    },
    processes: { scan: () => [], read: () => null },
    cgroups: {
      folder: () => '',
      hasMemory: false,
      setMemoryMax: () => nothing,
      place: () => nothing,
      members: () => [],
      kill: () => nothing,
      remove: () => undefined,
    },
    spawner: {
      spawn: (_request, answer) => {
        this.#alive = this.#start();
        answer({ ok: true, held: this.#alive, warnings: [] });
      },
    },
  };

  kill(): void {
    if (this.#alive === null) return;
    const status = { type: 'signal', signal: 'SIGKILL' } as const;
    this.#exits.push({ held: this.#alive, edge: 'died', status });
    this.#alive = null;
  }

  #start(): Held {
    this.#lastPid += 1;
    return {
      pid: pid(this.#lastPid),
      startTime: this.#lastPid,
      origin: 'child',
      means: 'pidfd',
      isAlive: () => true,
      signal: () => ({ ok: true, value: undefined }),
      release: () => undefined,
    };
  }
}

const nothing = {
  ok: false,
  problem: { code: 'ESM_PROCESS_GONE', message: 'it never was there' },
} as const;
