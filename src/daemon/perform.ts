/**
 * The only switch over actions. Performing one never throws and never waits: what comes of it is
 * an input, given back at once or posted later.
 */

import { unreachable } from '../core/assert.js';
import type { Action, Input as MonitorInput, Monitor } from '../core/monitor/monitor.js';
import type { Problem, Result } from '../core/result.js';
import type { Action as ServiceAction, Input, Service } from '../core/service/record.js';
import type { Cgroups, Clock, Exits, Held, ProcessTable, Spawner } from '../os/os.js';
import type { HeldProcesses } from './held-processes.js';
import type { Leftovers, OwnerOf } from './leftovers.js';
import { livesOf, Look, type Searches } from './look.js';
import { Placing } from './placing.js';
import { spawnRequest } from './spawn-request.js';
import { Sweeps } from './sweep.js';

export type PerformOs = Readonly<{
  exits: Exits;
  processes: ProcessTable;
  cgroups: Cgroups;
  spawner: Spawner;
  clock: Clock;
}>;

type Spawn = Extract<ServiceAction, { type: 'spawn' }>;

export class Performer {
  readonly #os: PerformOs;
  readonly #held: HeldProcesses;
  readonly #post: (input: MonitorInput) => void;
  readonly #reply: (id: number, result: Result<string>) => void;
  readonly #ownerOf: OwnerOf;
  readonly #sweeps: Sweeps;
  readonly #searches: Searches;
  readonly #placing: Placing;
  /** By service, in order: what is asked for now replaces what was asked for before. */
  readonly #spawns = new Map<string, Spawn>();

  constructor(
    os: PerformOs,
    monitor: Monitor,
    held: HeldProcesses,
    post: (input: MonitorInput) => void,
    reply: (id: number, result: Result<string>) => void,
  ) {
    this.#os = os;
    this.#held = held;
    this.#post = post;
    this.#reply = reply;
    const known = livesOf(monitor);
    const left: Leftovers = new Map();
    const since = os.clock.bootTicks();
    this.#searches = { since, known, done: new WeakSet(), left };
    this.#ownerOf = (process) => held.ownerOf(process);
    this.#placing = new Placing(os, since, this.#ownerOf);
    // Before any of them dies: its workers would be nobody's.
    this.#placing.placeYoung(monitor.services, (process) => held.get(process));
    this.#sweeps = new Sweeps(os, left, this.#ownerOf, ({ service, incarnation }) => {
      this.#tell(service, { type: 'swept', incarnation });
    });
  }

  get sweeps(): Sweeps {
    return this.#sweeps;
  }

  /** Whether starts are waiting for the next turn. */
  get isBehind(): boolean {
    return this.#spawns.size > 0;
  }

  /** Performs in order, but starts last: what has to be seen or stopped does not wait for them. */
  perform(actions: readonly Action[], monitor: Monitor): void {
    let look: Look | null = null;
    const { services } = monitor;
    const round = (): Look =>
      (look ??= new Look(this.#os, services, this.#ownerOf, this.#searches));
    const found: [string, Held][] = [];
    for (const action of actions) this.#performOne(action, round, found);
    if (found.length > 0) this.#placing.place(services, found);
  }

  /**
   * Starts one thing that waits for its turn, and goes on as long as `mayGoOn`: a thousand starts
   * would make esmd deaf for half a second, and detection comes first.
   */
  spawnSome(monitor: Monitor, mayGoOn: () => boolean): void {
    for (const [name, next] of this.#spawns) {
      this.#spawns.delete(name);
      this.#spawn(next, monitor);
      if (this.#spawns.size === 0 || !mayGoOn()) return;
    }
  }

  /**
   * Time has passed that we have not seen: what waits to be started may have been started by
   * others, and is looked for again.
   */
  startOver(): void {
    for (const [name, { purpose }] of this.#spawns) {
      if (purpose === 'stop') continue;
      this.#spawns.delete(name);
      this.#tell(name, { type: 'begin' });
    }
  }

  /** What is in the cgroup of the old name would not be found as leftovers of the new one. */
  rename(former: string, name: string): void {
    const { cgroups } = this.#os;
    const [from, to] = [cgroups.folder(former), cgroups.folder(name)];
    if (from === null || to === null) return;
    for (const pid of cgroups.members(from)) cgroups.place(to, pid);
    cgroups.remove(from);
  }

  #performOne(action: Action, round: () => Look, found: [string, Held][]): void {
    switch (action.type) {
      case 'look': {
        const [answer, held] = round().perform(action);
        if (held !== null) {
          this.#held.add(held, action.service);
          found.push([action.service, held]);
        }
        return this.#tell(action.service, answer);
      }
      case 'sweep':
        return this.#sweeps.sweep(
          action,
          action.leader === null ? null : this.#held.get(action.leader),
        );
      case 'spawn':
        this.#spawns.delete(action.service);
        this.#spawns.set(action.service, action);
        return;
      case 'signal':
        this.#held.get(action.process)?.signal(action.signal, action.scope);
        return;
      case 'reply':
        return this.#reply(action.id, action.result);
      default:
        return unreachable(action);
    }
  }

  #spawn(action: Spawn, monitor: Monitor): void {
    const { service: name, incarnation, purpose } = action;
    const service = monitor.services.get(name);
    if (service?.incarnation !== incarnation || !awaits(service, purpose)) return;
    if (purpose !== 'stop' && service.desired !== 'up') {
      const problem = calledOff(name);
      this.#tell(name, { type: 'unspawned', incarnation, purpose, shortage: false, problem });
      return;
    }
    const { cgroups, exits, spawner } = this.#os;
    const isLast = !this.isBehind && !exits.hasMore();
    const request = spawnRequest(service, purpose, cgroups, isLast);
    const limit = setLimits(service, request.cgroup, cgroups);
    spawner.spawn(request, (answer) => {
      if (!answer.ok) {
        const { shortage, problem } = answer;
        this.#tell(name, { type: 'unspawned', incarnation, purpose, shortage, problem });
        return;
      }
      const { held } = answer;
      this.#held.add(held, name);
      const { pid, startTime, origin } = held;
      const warnings = [...answer.warnings, ...limit];
      const process = { pid, startTime, origin };
      this.#tell(name, { type: 'spawned', incarnation, purpose, process, warnings });
    });
  }

  #tell(name: string, input: Input): void {
    this.#post({ type: 'service', name, input });
  }
}

/** A service that was removed and added again may ask the same under the same number. */
function awaits({ actual }: Service, purpose: Spawn['purpose']): boolean {
  if (purpose !== 'stop') return actual.state === 'spawning' && actual.phase === 'asked';
  return actual.state === 'stopping' && actual.phase === 'asking' && actual.command === null;
}

/** A stop wins over a start that still waits for its turn. */
const calledOff = (name: string): Problem => ({
  code: 'ESM_START_CALLED_OFF',
  message: `Cannot start "${name}": it is not to run any more`,
});

function setLimits(service: Service, folder: string | null, cgroups: Cgroups): readonly Problem[] {
  const { memoryMax } = service.spec.limits;
  if (memoryMax === null) return [];
  if (folder === null || !cgroups.hasMemory) {
    return [
      {
        code: 'ESM_LIMIT_UNAVAILABLE',
        message: 'Cannot set memory_max: no memory controller is available to esmd',
        remedy: 'mount cgroup v2 with the memory controller, or remove memory_max',
      },
    ];
  }
  const set = cgroups.setMemoryMax(folder, memoryMax);
  return set.ok ? [] : [set.problem];
}
