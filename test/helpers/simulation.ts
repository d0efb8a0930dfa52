/**
 * A shell without a kernel: it performs the core's actions on a world of processes, in virtual
 * time that jumps from deadline to deadline. A day of supervision takes milliseconds.
 */

import type { Event } from '../../src/core/event/event.js';
import { announce } from '../../src/core/monitor/announce.js';
import type { Action, Input, Monitor } from '../../src/core/monitor/monitor.js';
import { deadline, emptyMonitor } from '../../src/core/monitor/monitor.js';
import { step } from '../../src/core/monitor/step.js';
import type { ExitStatus, Process } from '../../src/core/process.js';
import { isSameProcess } from '../../src/core/process.js';
import type { Action as ServiceAction, Service } from '../../src/core/service/record.js';
import { processesOf } from '../../src/core/service/record.js';
import type { Spec } from '../../src/core/service/spec.js';
import type { DaemonState, Mode } from '../../src/core/state-file.js';
import { instant, pid, sequence, wallClock } from '../../src/core/units.js';
import { Agenda } from './agenda.js';
import { Invariants } from './invariants.js';
import { configured, request, serviceOf, stateFile, tell } from './monitors.js';
import { exited, problem } from './services.js';
import { programOf, World } from './world.js';

/** How a stranger ended is known only later. */
const reaped = (process: Process, status: ExitStatus) =>
  ({ type: 'reaped', process, status }) as const;

type Ask = Extract<ServiceAction, { incarnation: unknown }>;

/** How much of its work an esmd loses at most that is killed: the table is written after. */
const unwrittenMs = 50;

export class Simulation {
  readonly world: World;
  readonly events: Event[] = [];
  readonly invariants = new Invariants();
  /** How long answers take, in milliseconds, one after the other. */
  latencies: readonly number[] = [0];
  /** Whether the kernel tells how a stranger ended: Linux 6.15 and later. */
  tellsStatus = true;
  monitor: Monitor = emptyMonitor;
  now = 0;
  specs: readonly Spec[];
  #statements = stateFile('run');
  /** What is to happen in the world, and what in esmd: that waits while esmd is stopped. */
  readonly #due = new Agenda();
  readonly #own = new Agenda();
  #inbox: Input[] = [];
  #deaths: (readonly [Process, ExitStatus])[] = [];
  #written: { at: number; monitor: Monitor }[] = [];
  /** Counts the lives of esmd: answers to an earlier one are lost. */
  #life = 0;
  #isStopped = false;
  /** How often the core is about to hear of a process: it hears of its death after that. */
  readonly #unheard = new Map<number, number>();

  constructor(...specs: readonly Spec[]) {
    this.specs = specs;
    this.world = new World({
      now: () => this.now,
      after: (ms, run) => {
        this.#due.add(this.now + ms, run);
      },
      died: (process, status) => {
        this.#died(process, status);
      },
      wrote: (program) => {
        this.#stir(program);
      },
    });
  }

  /** esmd starts: it reads everything, and looks what runs. */
  begin(): this {
    this.take(this.#statements, configured(...this.specs), { type: 'begin' });
    return this;
  }

  service(name = 'web'): Service {
    return serviceOf(this.monitor, name);
  }

  /** Events so far of one service, the last word of their types: "started", "failed". */
  told(name = 'web'): readonly string[] {
    return this.events
      .filter(({ service }) => service === name)
      .map(({ body }) => body.type.replace('service.', ''));
  }

  /** Hands inputs over as one batch, and everything that comes of them at once. */
  take(...inputs: readonly Input[]): void {
    this.#inbox.push(...inputs);
    this.#turn([]);
  }

  ask(verb: 'start' | 'stop' | 'restart' | 'reset', name = 'web', force = true): void {
    this.take(request(verb, name, force));
  }

  state(mode: Mode, daemons: Readonly<Record<string, DaemonState>> = {}): void {
    this.#statements = stateFile(mode, daemons);
    this.take(this.#statements);
  }

  reload(...specs: readonly Spec[]): void {
    this.specs = specs;
    this.take(configured(...specs), { type: 'reload' });
  }

  /** Lets time pass, from one deadline or happening to the next. */
  run(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#next(); next <= end; next = this.#next()) this.#jump(next);
    this.now = end;
  }

  /** Lets time pass until something is the case; false if it is not within `most`. */
  until(condition: () => boolean, most: number): boolean {
    const end = this.now + most;
    while (!condition()) {
      const next = this.#next();
      if (next > end) return false;
      this.#jump(next);
    }
    return true;
  }

  /** esmd is stopped by SIGSTOP, and continued. */
  pause(ms: number, meanwhile: () => void = () => undefined): void {
    this.#isStopped = true;
    meanwhile();
    const end = this.now + ms;
    for (let next = this.#nextDue(); next <= end; next = this.#nextDue()) this.#jump(next);
    this.now = end;
    this.#isStopped = false;
    this.#own.happen(this.now);
    this.#turn([{ type: 'continued' }], true);
  }

  /** esmd is killed and init starts it again; `lost` of its last 50 ms are in no table. */
  respawn(lost = 0): void {
    const recent = this.#written.filter(({ at }) => at >= this.now - unwrittenMs);
    const index = Math.floor((1 - lost) * recent.length);
    const table = lost === 0 ? this.monitor : (recent[index]?.monitor ?? this.monitor);
    const text = JSON.stringify([...table.services.values()]);
    const services = JSON.parse(text) as readonly Service[];
    this.#life += 1;
    this.#inbox = [];
    this.#deaths = [];
    this.#own.clear();
    this.#unheard.clear();
    this.monitor = {
      ...emptyMonitor,
      services: new Map(services.map((service) => [service.spec.name, service])),
    };
    this.invariants.respawned();
    const ends = services.flatMap((service) =>
      processesOf(service)
        .filter((process) => !this.world.isAlive(process))
        .map((process) => tell(service.spec.name, exited(process, null, true, this.#ticks))),
    );
    this.take(this.#statements, ...ends, { type: 'begin' }, configured(...this.specs));
  }

  get #ticks(): number {
    return Math.floor(this.now / 10);
  }

  #next(): number {
    return Math.max(this.now, Math.min(this.#nextDue(), deadline(this.monitor) ?? Infinity));
  }

  #nextDue(): number {
    return Math.min(this.#due.next, this.#isStopped ? Infinity : this.#own.next);
  }

  #jump(to: number): void {
    this.now = Math.max(this.now, to);
    this.#due.happen(this.now);
    if (this.#isStopped) return;
    this.#own.happen(this.now);
    const due = deadline(this.monitor);
    this.#turn(due !== null && due <= this.now ? [{ type: 'elapsed' }] : []);
  }

  /** Deaths before what was posted, deadlines last; then what came of them, until all is quiet. */
  #turn(last: readonly Input[], late = false): void {
    const deaths = this.#takeDeaths(late);
    const first = late ? [...last, ...deaths] : deaths;
    let inputs = [...first, ...this.#inbox.splice(0), ...(late ? [] : last)];
    while (inputs.length > 0) {
      this.#step(inputs);
      inputs = [...this.#takeDeaths(late), ...this.#inbox.splice(0)];
    }
  }

  #takeDeaths(late: boolean): readonly Input[] {
    const deaths = this.#deaths.filter(([process]) => !this.#unheard.has(process.pid));
    this.#deaths = this.#deaths.filter((death) => !deaths.includes(death));
    return deaths.flatMap(([process, status]) => {
      this.invariants.died(process);
      for (const { spec, ...service } of this.monitor.services.values()) {
        const its = processesOf({ spec, ...service }).find((own) => isSameProcess(own, process));
        if (its === undefined) continue;
        const isKnown = its.origin === 'child';
        if (!isKnown && this.tellsStatus)
          this.#soon(() => this.#inbox.push(tell(spec.name, reaped(process, status))));
        return [tell(spec.name, exited(process, isKnown ? status : null, late, this.#ticks))];
      }
      return [];
    });
  }

  #step(inputs: readonly Input[]): void {
    const before = this.monitor;
    const wall = wallClock(1_700_000_000_000 + this.now);
    const [after, actions] = step(before, inputs, { now: instant(this.now), wall });
    this.monitor = after;
    for (const input of inputs) this.#hear(input);
    this.#written = this.#written.filter(({ at }) => at >= this.now - unwrittenMs);
    this.#written.push({ at: this.now, monitor: after });
    const last = this.events.at(-1)?.sequence ?? sequence(0);
    this.events.push(...announce(before, after, { wall, last, alarm: 'emergency' }));
    this.invariants.step({ before, after, inputs, actions, now: this.now });
    for (const action of actions) this.#perform(action);
  }

  #hear(input: Input): void {
    if (input.type !== 'service' || !('incarnation' in input.input)) return;
    if (!('process' in input.input)) return;
    const { pid: n } = input.input.process;
    const left = (this.#unheard.get(n) ?? 1) - 1;
    if (left > 0) this.#unheard.set(n, left);
    else this.#unheard.delete(n);
  }

  #perform(action: Action): void {
    switch (action.type) {
      case 'reply':
        return;
      case 'signal': {
        const service = this.monitor.services.get(action.service);
        if (service !== undefined) this.invariants.signal(action, service, this.world);
        this.world.signal(action.process, action.signal, action.scope);
        return;
      }
      case 'look':
        return this.#look(action);
      case 'sweep':
        return this.#sweep(action);
      case 'spawn':
        this.invariants.spawn(action);
        // A start waits for its turn as an answer waits for its way.
        return this.#soon(() => {
          this.#spawn(action);
        });
    }
  }

  #look(action: Extract<Ask, { type: 'look' }>): void {
    const { service: name, incarnation } = action;
    const service = this.monitor.services.get(name);
    if (service === undefined) return;
    const seen = this.world.look(service, action.scope);
    switch (seen.type) {
      case 'found':
        return this.#answer(action, { ...seen, type: 'found', incarnation }, seen.process);
      case 'spawned': {
        const { process } = seen;
        const input = { type: 'spawned', incarnation, purpose: 'start', process } as const;
        return this.#answer(action, { ...input, warnings: [] }, process);
      }
      case 'absent':
        return this.#answer(action, { type: 'absent', incarnation });
      case 'ambiguous':
        return this.#answer(action, { type: 'ambiguous', incarnation, pids: [pid(2), pid(3)] });
    }
  }

  #sweep(action: Extract<Ask, { type: 'sweep' }>): void {
    const service = this.monitor.services.get(action.service);
    if (service === undefined) return;
    const daemons = this.world.sweep(programOf(service.spec));
    const isSure = !this.world.hasStrangers && this.latencies.every((ms) => ms === 0);
    if (isSure) this.invariants.swept(service, daemons);
    this.#answer(action, { type: 'swept', incarnation: action.incarnation });
  }

  #spawn(action: Extract<Ask, { type: 'spawn' }>): void {
    const { service: name, incarnation, purpose } = action;
    const service = this.monitor.services.get(name);
    if (service?.incarnation !== incarnation) return this.invariants.answered(action);
    if (purpose !== 'stop' && service.desired !== 'up') {
      const input = { type: 'unspawned', incarnation, purpose, shortage: false, problem } as const;
      this.invariants.answered(action);
      this.#inbox.push(tell(name, input));
      return;
    }
    const spawned = this.world.spawn(service.spec, purpose);
    if (typeof spawned === 'string') {
      const shortage = spawned === 'shortage';
      this.#answer(action, { type: 'unspawned', incarnation, purpose, shortage, problem });
    } else {
      const process = spawned.identity;
      const input = { type: 'spawned', incarnation, purpose, process, warnings: [] } as const;
      this.#answer(action, input, process);
    }
  }

  #answer(
    action: Ask,
    input: Extract<Input, { type: 'service' }>['input'],
    about: Process | null = null,
  ): void {
    const delay = this.#delay();
    if (about !== null) this.#unheard.set(about.pid, (this.#unheard.get(about.pid) ?? 0) + 1);
    const deliver = (): void => {
      this.invariants.answered(action);
      this.#inbox.push(tell(action.service, input));
    };
    if (delay === 0) deliver();
    else this.#own.add(this.now + delay, deliver);
  }

  /** The folder of a pid file is watched only for daemons that are to appear. */
  #stir(program: string): void {
    this.#soon(() => {
      for (const { spec, actual } of this.monitor.services.values()) {
        if (programOf(spec) !== program || actual.state !== 'starting') continue;
        if (actual.phase === 'appearing') this.#inbox.push(tell(spec.name, { type: 'stirred' }));
      }
    });
  }

  #delay(): number {
    const [next = 0, ...others] = this.latencies;
    this.latencies = [...others, next];
    return next;
  }

  #soon(run: () => void): void {
    this.#own.add(this.now + this.#delay(), run);
  }

  #died(process: Process, status: ExitStatus): void {
    const life = this.#life;
    this.#due.add(this.now + this.#delay(), () => {
      if (life === this.#life) this.#deaths.push([process, status]);
    });
  }
}
