/** The daemon's shell around the core, on a kernel that is none. */

import type { Event } from '../../src/core/event/event.js';
import type { Input, Monitor } from '../../src/core/monitor/monitor.js';
import { emptyMonitor } from '../../src/core/monitor/monitor.js';
import type { Spec } from '../../src/core/service/spec.js';
import { sequence } from '../../src/core/units.js';
import { HeldProcesses } from '../../src/daemon/held-processes.js';
import { Shell } from '../../src/daemon/shell.js';
import { Kernel } from './kernel.js';
import { configured, stateFile } from './monitors.js';

type News = {
  /** What the next look at the state file finds; null: no change. */
  stateFile: Input | null;
  hasPaused: boolean;
  hasSignal: boolean;
};

export type Bench = Readonly<{
  kernel: Kernel;
  shell: Shell;
  events: readonly Event[];
  /** How many starts had been asked for, each time that the world was told of a change. */
  toldAfter: readonly number[];
  /** Whether esmd had precedence, each time that words were told. */
  toldFirst: readonly boolean[];
  /** What was told of being behind. */
  behind: readonly boolean[];
  news: News;
  looks: () => number;
  /** Takes the inputs in one turn, and what comes of them in others. */
  take: (...inputs: readonly Input[]) => void;
  /** So many turns, a millisecond apart. */
  later: (turns?: number) => void;
  /** The state of the only service, or of the named one, and its process. */
  service: (name?: string) => readonly [state: string, pid: number | null];
}>;

/** Services that are wanted to run, as nobody has started any yet. */
export function shellFor(...specs: readonly Spec[]): Bench {
  const kernel = new Kernel();
  const events: Event[] = [];
  const toldAfter: number[] = [];
  const toldFirst: boolean[] = [];
  const behind: boolean[] = [];
  const news: News = { stateFile: null, hasPaused: false, hasSignal: false };
  let looks = 0;
  const shell = new Shell(emptyMonitor, {
    os: kernel.os,
    held: new HeldProcesses(),
    precedence: kernel.precedence,
    hasSignal: () => news.hasSignal,
    hasPaused: () => {
      const { hasPaused } = news;
      news.hasPaused = false;
      return hasPaused;
    },
    lookAtStateFile: () => {
      looks += 1;
      const found = news.stateFile;
      news.stateFile = null;
      return found;
    },
    alarm: () => 'emergency',
    last: sequence(0),
    behind: (isBehind) => behind.push(isBehind),
    changed: (_before, _after, told) => {
      toldAfter.push(kernel.requests.length);
      if (told.length > 0) toldFirst.push(kernel.hasPrecedence);
      events.push(...told);
    },
    reply: () => undefined,
  });
  const take = (...inputs: readonly Input[]): void => {
    for (const input of inputs) shell.post(input);
    shell.turn();
  };
  const later = (turns = 1): void => {
    for (let i = 0; i < turns; i += 1) {
      kernel.now += 1;
      shell.turn();
    }
  };
  take(stateFile('run'), configured(...specs));
  return {
    kernel,
    shell,
    events,
    toldAfter,
    toldFirst,
    behind,
    news,
    looks: () => looks,
    take,
    later,
    service: (name = specs[0]?.name ?? '') => seen(shell.monitor, name),
  };
}

function seen({ services }: Monitor, name: string): readonly [string, number | null] {
  const actual = services.get(name)?.actual;
  if (actual === undefined) return ['unknown', null];
  const process = 'process' in actual ? actual.process : null;
  return [actual.state, process?.pid ?? null];
}
