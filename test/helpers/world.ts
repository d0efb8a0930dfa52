/**
 * Processes for the simulation: what comes of a start, who dies when, who obeys a signal. A world
 * answers truthfully and knows nothing of records or policies.
 */

import assert from 'node:assert/strict';
import type { ExitStatus, Process } from '../../src/core/process.js';
import { choose, type Candidate } from '../../src/core/service/matching.js';
import type { LookScope, Purpose, Service } from '../../src/core/service/record.js';
import type { SignalName, Spec } from '../../src/core/service/spec.js';
import { maySucceed } from '../../src/core/service/succession.js';
import { pid } from '../../src/core/units.js';

/** What comes of one start. */
export type Life = Readonly<{
  spawn?: 'missing' | 'shortage';
  /** How long the daemon lives, in milliseconds; for ever if not given. */
  lives?: number;
  ignoresTerm?: boolean;
  unkillable?: boolean;
  /** Processes that look like the daemon and outlive it. */
  workers?: number;
  /** How long a start or stop command runs; it hangs if that is Infinity. */
  takes?: number;
  code?: number;
  /** When after its start command's beginning the daemon is there; null: never. */
  appears?: number | null;
}>;

export type Running = Readonly<{ identity: Process; program: string; session: number }> & {
  /** `child`: what a start command has forked and what is not the daemon yet. */
  readonly role: 'main' | 'worker' | 'child' | 'start' | 'stop';
  readonly by: 'us' | 'hand';
  readonly life: Life;
  readonly parent: number;
  isAlive: boolean;
};

/** What a world needs of a simulation, and tells it. */
export type Surroundings = Readonly<{
  now: () => number;
  after: (ms: number, run: () => void) => void;
  died: (process: Process, status: ExitStatus) => void;
  /** A program has written its pid file. */
  wrote: (program: string) => void;
}>;

/** What a service's process is recognised by. */
export const programOf = ({ match, launch }: Spec): string =>
  match?.exe ?? (launch.type === 'command' ? launch.command : launch.start).join(' ');

const terminated: ExitStatus = { type: 'signal', signal: 'SIGTERM' };
const killed: ExitStatus = { type: 'signal', signal: 'SIGKILL' };

export class World {
  /** What comes of the next starts of a program; healthy once they are used up. */
  readonly lives = new Map<string, Life[]>();
  readonly stops = new Map<string, Life[]>();
  readonly pidfiles = new Map<string, number>();
  /** Whether somebody else has ever started a copy. */
  hasStrangers = false;
  readonly #around: Surroundings;
  readonly #processes = new Map<number, Running>();
  /** Those that have ended as well. */
  readonly #all = new Map<number, Running>();
  #lastPid = 1000;
  #isHealed = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  alive(program: string): readonly Running[] {
    return [...this.#processes.values()].filter((each) => each.program === program);
  }

  /** The daemon's main process; one of ours before another. */
  main(program: string): Running | null {
    const mains = this.alive(program).filter(({ role }) => role === 'main');
    return mains.find(({ by }) => by === 'us') ?? mains[0] ?? null;
  }

  /** Whose process this is or was; null: nobody's. */
  programOf({ pid: n, startTime }: Process): string | null {
    const process = this.#all.get(n);
    return process?.identity.startTime === startTime ? process.program : null;
  }

  isAlive({ pid: n, startTime }: Process): boolean {
    return this.#processes.get(n)?.identity.startTime === startTime;
  }

  /** Does what esmd asks for. There must be no other copy that esmd has started. */
  spawn(spec: Spec, purpose: Purpose): Running | 'missing' | 'shortage' {
    const program = programOf(spec);
    const script = purpose === 'stop' ? this.stops : this.lives;
    const life = script.get(program)?.shift() ?? {};
    if (purpose !== 'stop') this.#assertNoCopy(program);
    if (life.spawn !== undefined) return life.spawn;
    if (purpose === 'main') return this.#begin(spec, life, 'us');
    const command = this.#add(program, purpose, 'us', life, 1);
    const takes = life.takes ?? 10;
    if (takes !== Infinity) {
      this.#later(takes, command, () => {
        if (purpose === 'stop' && life.code === undefined) this.terminate(program);
        this.#end(command, { type: 'code', code: life.code ?? 0 });
      });
    }
    if (purpose === 'start' && life.appears !== null) this.#launch(spec, command);
    return command;
  }

  /** Somebody else starts it; an init script does nothing if it runs already. */
  startByHand(spec: Spec): void {
    if (this.main(programOf(spec)) !== null) return;
    this.hasStrangers = true;
    this.#begin(spec, {}, 'hand');
  }

  terminate(program: string): void {
    const main = this.main(program);
    if (main !== null) this.signal(main.identity, 'TERM', 'process');
  }

  kill(program: string): void {
    const main = this.main(program);
    if (main !== null) this.#end(main, killed);
  }

  /** From here on every start works, there are no strangers, and no worker outlives its daemon. */
  heal(): void {
    this.lives.clear();
    this.stops.clear();
    this.#isHealed = true;
    this.killAll('hand');
    this.#endOrphans();
  }

  #endOrphans(): void {
    for (const each of [...this.#processes.values()]) {
      if (each.role === 'worker' && !this.#processes.has(each.parent)) this.#end(each, killed);
    }
  }

  killAll(by: 'us' | 'hand'): void {
    for (const each of [...this.#processes.values()]) if (each.by === by) this.#end(each, killed);
  }

  /** The daemon replaces itself: the pid file names the next one before the old one ends. */
  move(spec: Spec): void {
    const main = this.main(programOf(spec));
    if (main === null || spec.pidfile === null) return;
    this.#begin(spec, {}, main.by);
    this.#end(main, { type: 'code', code: 0 });
  }

  signal({ pid: n, startTime }: Process, signal: SignalName, scope: 'process' | 'group'): void {
    const group = [...this.#processes.values()].filter(({ session }) => session === n);
    const target = this.#processes.get(n);
    const named = target?.identity.startTime === startTime ? [target] : [];
    for (const each of scope === 'group' ? group : named) {
      if (signal === 'KILL' && each.life.unkillable !== true) {
        // Whoever looks at once still sees it.
        this.#later(1, each, () => {
          this.#end(each, killed);
        });
      }
      if (signal !== 'TERM' || each.life.ignoresTerm === true) continue;
      this.#later(5, each, () => {
        this.#end(each, terminated);
      });
    }
  }

  /** Kills everything in the service's cgroup; says which daemons were among it. */
  sweep(program: string): readonly Running[] {
    const members = this.alive(program).filter(({ by, role }) => by === 'us' && role !== 'stop');
    for (const each of members) if (each.life.unkillable !== true) this.#end(each, killed);
    return members.filter(({ role }) => role === 'main');
  }

  /** The daemon, its start command if that is at work, how many match, or nothing. */
  look(
    { spec, leader, predecessor }: Service,
    scope: LookScope,
  ): { type: 'found' | 'spawned'; process: Process } | { type: 'absent' } | { type: 'ambiguous' } {
    const program = programOf(spec);
    const named = this.#processes.get(this.pidfiles.get(program) ?? 0);
    if (spec.pidfile !== null && named?.program === program && isDaemon(named)) {
      return { type: 'found', process: adopted(named) };
    }
    if (scope === 'pidfile') return { type: 'absent' };
    const isLeftover = (each: Running): boolean =>
      spec.launch.type === 'command' && each.session === leader?.pid && each.role === 'worker';
    const matching = this.alive(program).filter((each) => isDaemon(each) && !isLeftover(each));
    const mayBe = ({ pid: n }: Candidate): boolean => {
      const its = this.#processes.get(n)?.identity.startTime ?? 0;
      const names = this.pidfiles.get(program) ?? 0;
      return spec.pidfile === null || maySucceed(its, predecessor, pid(names));
    };
    const choice = choose(matching.map(asCandidate), mayBe);
    if (choice.type === 'ambiguous') return choice;
    const chosen = choice.type === 'found' ? this.#processes.get(choice.pid) : undefined;
    if (chosen !== undefined) return { type: 'found', process: adopted(chosen) };
    const start = this.alive(program).find(({ role }) => role === 'start');
    return start === undefined ? { type: 'absent' } : { type: 'spawned', process: adopted(start) };
  }

  #assertNoCopy(program: string): void {
    const copies = this.alive(program).filter(
      ({ by, role }) => by === 'us' && role !== 'worker' && role !== 'stop',
    );
    assert.deepEqual(copies, [], `a second copy of ${program}`);
  }

  #launch(spec: Spec, command: Running): void {
    const { life } = command;
    const child = this.#add(command.program, 'child', 'us', life, 1, command.session);
    this.#later(life.appears ?? 5, child, () => {
      this.#processes.delete(child.identity.pid);
      this.#begin(spec, life, 'us');
    });
  }

  #begin(spec: Spec, life: Life, by: Running['by']): Running {
    const program = programOf(spec);
    const main = this.#add(program, 'main', by, life, 1);
    if (spec.pidfile !== null) {
      this.pidfiles.set(program, main.identity.pid);
      this.#around.wrote(program);
    }
    for (let i = 0; i < (life.workers ?? 0); i += 1) {
      this.#add(program, 'worker', by, {}, main.identity.pid, main.session);
    }
    if (life.lives !== undefined) {
      this.#later(life.lives, main, () => {
        this.#end(main, { type: 'code', code: 1 });
      });
    }
    return main;
  }

  #add(
    program: string,
    role: Running['role'],
    by: Running['by'],
    life: Life,
    parent: number,
    session?: number,
  ): Running {
    const n = (this.#lastPid += 1);
    const startTime = Math.floor(this.#around.now() / 10);
    const identity: Process = { pid: pid(n), startTime, origin: by === 'us' ? 'child' : 'adopted' };
    const running = { identity, program, role, by, life, parent, session: session ?? n };
    const added: Running = { ...running, isAlive: true };
    this.#processes.set(n, added);
    this.#all.set(n, added);
    return added;
  }

  #end(process: Running, status: ExitStatus): void {
    if (!process.isAlive) return;
    process.isAlive = false;
    this.#processes.delete(process.identity.pid);
    this.#around.died(process.identity, status);
    if (this.#isHealed && process.role === 'main') this.#endOrphans();
  }

  #later(ms: number, process: Running, run: () => void): void {
    this.#around.after(ms, () => {
      if (process.isAlive) run();
    });
  }
}

const isDaemon = ({ role }: Running): boolean => role === 'main' || role === 'worker';

/** What is found is a stranger to the esmd that finds it. */
const adopted = ({ identity }: Running): Process => ({ ...identity, origin: 'adopted' });

const asCandidate = ({ identity, parent, session }: Running) => ({
  pid: identity.pid,
  ppid: pid(parent),
  session: pid(session),
  isZombie: false,
  uid: 0,
  exe: '',
  args: [],
  marker: null,
  isOurs: true,
});
