/** The daemon put together: adapters, shell, table, log, control and what wakes them up. */

import type { Event } from '../core/event/event.js';
import type { Input, Monitor } from '../core/monitor/monitor.js';
import type { Self } from '../core/monitor/status.js';
import { paths } from '../core/paths.js';
import type { Problem, Result } from '../core/result.js';
import { describeProblem } from '../core/result.js';
import type { Settings } from '../core/service/spec.js';
import { sequence, type Instant, type Sequence, type WallClock } from '../core/units.js';
import { startControl, type Control } from '../control/server.js';
import { createAlarm } from '../os/alarm.js';
import { openCgroups } from '../os/cgroup.js';
import { createSpawner } from '../os/child.js';
import { clock } from '../os/clock.js';
import { collectIfGrown, giveBack, optimize, optimizeSeldom } from '../os/engine.js';
import { openExits } from '../os/exits.js';
import type { Exits, Precedence, Spawner } from '../os/os.js';
import { watchPauses } from '../os/pauses.js';
import { processTable } from '../os/process-table.js';
import { watchSignals } from '../os/signal-pipe.js';
import { watchFile, watchFolder } from '../os/watch.js';
import { Calm } from './calm.js';
import { Configurations } from './configurations.js';
import { exitCode } from './exit-code.js';
import { Facade } from './facade.js';
import { HeldProcesses } from './held-processes.js';
import { rehearse, type Stage } from './rehearsal.js';
import { TableKeeper } from './keeper.js';
import type { Log, LogDestination } from './log.js';
import type { Options } from './options.js';
import { PidFileWatches } from './pid-file-watches.js';
import { Rerun } from './rerun.js';
import { restore } from './restore.js';
import { Shell } from './shell.js';
import type { SignalHandlers, SignalName } from './signals.js';
import { handleSignals } from './signals.js';
import { StateFileReader } from './state-file.js';
import type { Table } from './table.js';
import { TableWriter } from './table.js';

export type EsmdParts = Readonly<{
  options: Options;
  log: Log;
  destination: LogDestination;
  precedence: Precedence;
  bootId: string;
  table: Table;
}>;

export class Esmd {
  readonly #parts: EsmdParts;
  readonly #since: WallClock = clock.wall();
  readonly #stateFile = new StateFileReader(paths.stateFile);
  readonly #shell: Shell;
  readonly #facade: Facade;
  readonly #keeper: TableKeeper;
  readonly #configurations: Configurations;
  readonly #watches: PidFileWatches;
  readonly #firstInputs: readonly Input[];
  /** What the events of this esmd are numbered after. */
  readonly #base: Sequence;
  readonly #stage: Stage;
  /** By itself V8 lets the heap grow by half before it looks, when there is memory in plenty. */
  readonly #calm = new Calm({
    onCalm: () => {
      if (this.#turnsWithRestarts >= enoughRestarts) optimizeSeldom();
      collectIfGrown(!this.#shell.isCrowd);
    },
    onRest: () => giveBack(!this.#shell.isCrowd),
    isBusy: () => this.#shell.isBusy,
  });
  /** Turns and not restarts: in a storm of them V8 does not optimize. */
  #turnsWithRestarts = 0;
  #tableProblem: string | null = null;

  constructor(parts: EsmdParts) {
    this.#parts = parts;
    this.#base = baseAfter(parts.table, clock.now());
    const exits = openExits({ onReady: () => this.#shell.hear(), onBug: rethrow });
    const cgroups = openCgroups();
    const held = new HeldProcesses();
    const pauses = watchPauses();
    const hasSignal = watchSignals();
    const { monitor, inputs } = restore(parts.table.services, { exits, clock }, held);
    this.#firstInputs = inputs;
    this.#configurations = new Configurations(overridesOf(parts.options), monitor);
    const spawner = createSpawner(exits, undefined, (problem) => this.#warn(problem));
    const processes = processTable;
    const spawnerFor = (others: Exits): Spawner => spawner.watchedBy(others);
    this.#stage = { processes, hasSignal, spawnerFor };
    this.#shell = new Shell(monitor, {
      os: { exits, cgroups, clock, processes, spawner },
      held,
      precedence: parts.precedence,
      hasSignal,
      hasPaused: () => pauses.since(),
      lookAtStateFile: () => this.#stateFile.look(),
      alarm: () => parts.options.alarm ?? this.#configurations.settings.priority,
      last: this.#base,
      behind: (isBehind) => optimize(!isBehind),
      changed: (before, after, events) => this.#changed(before, after, events),
      reply: (id, result) => this.#facade.reply(id, result),
    });
    this.#shell.useAlarm(createAlarm(clock, () => this.#shell.wake()));
    this.#watches = new PidFileWatches((name) => {
      this.#shell.post({ type: 'service', name, input: { type: 'stirred' } });
    });
    this.#keeper = this.#keepTable();
    this.#facade = new Facade({
      monitor: () => this.#shell.monitor,
      self: () => this.#self(),
      post: (input) => this.#shell.post(input),
      last: () => this.#shell.lastTold,
      before: { last: parts.table.last, base: this.#base },
      written: () => this.#written(),
      reload: () => this.#reloads.ask(),
    });
  }

  /** Whether there is more to start, or to hear of, than a turn takes. */
  get isBehind(): boolean {
    return this.#shell.isBehind;
  }

  #keepTable(): TableKeeper {
    const writer = new TableWriter(this.#parts.bootId);
    const tell = (problem: Problem | null): void => this.#tableWritten(problem);
    // What has failed is said before it is written down: the next esmd would not say it again.
    const isBusy = (): boolean => this.#shell.isBusy || this.#parts.destination.holdsAlarms;
    return new TableKeeper(paths.table, writer, tell, isBusy);
  }

  #written(): Promise<Result<void>> {
    this.#shell.tellRest();
    this.#parts.destination.flush();
    return this.#keeper.written();
  }

  /** Reads everything, looks what runs, and is a daemon from then on. */
  async begin(): Promise<void> {
    // Before anything is read: what changes from here on is read, or told.
    handleSignals(this.#signals);
    watchFile(paths.stateFile, () => this.#shell.wake('look'));
    watchFolder(paths.configuration, () => void this.#compare());
    const input = await this.#configurations.load();
    for (const first of this.#firstInputs) this.#shell.post(first);
    this.#shell.post({ type: 'begin' });
    this.#shell.post(input);
    this.#shell.wake('look');
    this.#shell.turn();
    await this.#listening.ask();
  }

  /** Of restarts: see rehearsal.ts. */
  async rehearse(): Promise<void> {
    const [service] = this.#shell.monitor.services.values();
    if (service === undefined) return;
    try {
      await rehearse(service.spec, this.#stage);
    } catch (error) {
      // What goes wrong there may never happen here; to end would be an outage.
      this.#notice('error', `Cannot rehearse a restart: ${String(error)}`);
    }
  }

  /** Last words: what runs now, for the esmd that comes after. */
  writeTable(): void {
    this.#shell.stop();
    const { monitor, last } = this.#shell;
    const written = this.#keeper.writeNow({ monitor, last });
    if (!written.ok) this.#parts.log.error(describeProblem(written.problem));
    this.#shell.tellRest();
  }

  readonly #signals: SignalHandlers = {
    SIGTERM: () => this.#leave('SIGTERM'),
    SIGINT: () => this.#leave('SIGINT'),
    SIGHUP: () => void this.#reloads.ask(),
    SIGUSR1: () => this.#shell.wake('look'),
    SIGUSR2: () => this.#tellState(),
    SIGCONT: () => this.#shell.wake('continued'),
  };

  /** At once, before any death of the same wake-up: init ends us first at a shutdown. */
  #leave(signal: SignalName): never {
    this.writeTable();
    this.#parts.log.notice(`esmd ends by ${signal}; the daemons are left running`);
    this.#parts.destination.close();
    return process.exit(exitCode.done);
  }

  readonly #reloads = new Rerun(async () => {
    const input = await this.#configurations.load();
    this.#shell.wake('look');
    this.#shell.post(input);
    this.#shell.post({ type: 'reload' });
    await this.#listening.ask();
    await new Promise((resolve) => setImmediate(resolve));
    await this.#written();
  });

  /** The files have changed: that is said, and nothing is done about it before it is asked for. */
  async #compare(): Promise<void> {
    const told = await this.#configurations.compare();
    if (told !== null) this.#notice('notice', told);
  }

  #changed(before: Monitor, after: Monitor, events: readonly Event[]): void {
    this.#watches.follow(before, after);
    this.#keeper.changed({ monitor: after, last: this.#shell.last });
    this.#calm.stir();
    if (events.length === 0) return;
    for (const { severity, message, body } of events) {
      this.#parts.log[severity](body.type === 'service.failed' ? { failed: 1 } : {}, message);
    }
    if (events.some(({ body }) => body.type === 'service.started' && body.again))
      this.#turnsWithRestarts += 1;
    this.#facade.publish(events);
  }

  #tellState(): void {
    const { services, esmd } = this.#facade.status();
    this.#parts.log.notice(`mode ${esmd.mode}, ${services.length} services`);
    for (const { name, state, pid, desired, reason } of services) {
      const where = pid === null ? '' : `, pid ${pid}`;
      const why = reason === '' ? '' : `: ${reason}`;
      this.#parts.log.notice(`"${name}" ${state}${where}, desired ${desired}${why}`);
    }
  }

  #tableWritten(problem: Problem | null): void {
    const told = problem === null ? null : describeProblem(problem);
    if (told === this.#tableProblem) return;
    this.#tableProblem = told;
    if (told === null) this.#notice('notice', 'the table is written again');
    else this.#notice('error', told);
  }

  #warn(problem: Problem): void {
    this.#notice('warning', describeProblem(problem));
  }

  #notice(severity: 'notice' | 'warning' | 'error', message: string): void {
    const notice = { severity, message, problem: null };
    this.#shell.post({ type: 'noticed', notice });
  }

  #control: Control | null = null;

  readonly #listening = new Rerun(async () => {
    if (this.#control !== null) {
      await this.#control.repair();
      return;
    }
    const started = await startControl(this.#facade, {
      rootSocket: paths.rootSocket,
      statusSocket: paths.statusSocket,
      onProblem: (problem) => this.#notice('error', describeProblem(problem)),
    });
    if (started.ok) this.#control = started.value;
  });

  #self(): Self {
    return {
      pid: process.pid,
      since: this.#since,
      configDiffers: this.#configurations.differs,
      now: clock.now(),
      wall: clock.wall(),
    };
  }
}

/** V8 has optimized what they call. */
const enoughRestarts = 100;

const overridesOf = ({ alarm, retryInterval }: Options): Partial<Settings> => ({
  ...(alarm === null ? {} : { priority: alarm }),
  ...(retryInterval === undefined ? {} : { retryInterval }),
});

/** No esmd has had more events than this in a second, since the machine was booted. */
const eventsPerSecond = 100;

/**
 * What our events are numbered after. Who was killed had no time to write down its last number, and
 * a number that is used twice would hide an event from whoever has seen the first.
 */
const baseAfter = ({ last, mayBeBehind }: Table, now: Instant): Sequence =>
  mayBeBehind ? sequence(Math.max(last, Math.floor((now / 1000) * eventsPerSecond))) : last;

/** What a callback of the kernel's must not swallow. */
function rethrow(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
