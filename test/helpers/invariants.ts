/** What has to hold at every step of a simulation, whatever happens in its world. */

import assert from 'node:assert/strict';
import type { Action, Input, Monitor } from '../../src/core/monitor/monitor.js';
import { deadline } from '../../src/core/monitor/monitor.js';
import type { Process } from '../../src/core/process.js';
import type { Action as ServiceAction, Service } from '../../src/core/service/record.js';
import type { Running, World } from './world.js';
import { programOf } from './world.js';

type Taken = Readonly<{
  before: Monitor;
  after: Monitor;
  inputs: readonly Input[];
  actions: readonly Action[];
  now: number;
}>;

type Spawn = Extract<ServiceAction, { type: 'spawn' }>;

export class Invariants {
  /** Starts that were asked for and not answered, by service. */
  #asked = new Map<string, Spawn>();
  readonly #dead = new Set<number>();
  /** The last back-off in the present row of failures. */
  readonly #waits = new Map<string, number>();

  step(taken: Taken): void {
    const { before, after, inputs, actions, now } = taken;
    if (inputs.some(({ type }) => type === 'elapsed')) {
      assert.ok((deadline(after) ?? Infinity) > now, 'a deadline lies in the past');
    }
    for (const action of actions) this.#checkHandsOff(after, action);
    for (const [name, service] of after.services) {
      const last = before.services.get(name);
      if (last === undefined || last === service) continue;
      this.#checkBackoff(last, service, inputs);
      checkFailed(last, service, inputs, now);
    }
    for (const name of before.services.keys()) if (!after.services.has(name)) this.#forget(name);
  }

  /** What is not monitored is looked at, and nothing else. */
  #checkHandsOff({ services }: Monitor, action: Action): void {
    if (action.type === 'reply' || action.type === 'look') return;
    const service = services.get(action.service);
    assert.notEqual(service?.desired, 'unmonitored', `${action.type} of an unmonitored service`);
  }

  /** Back-off never shrinks without a survived probation. */
  #checkBackoff(before: Service, after: Service, inputs: readonly Input[]): void {
    const { name } = after.spec;
    const isTrusted = before.actual.state === 'probation' && after.actual.state === 'running';
    if (isTrusted || before.desired !== after.desired || isAsked(name, inputs)) {
      this.#waits.delete(name);
    }
    if (before.givenUp !== null && after.givenUp === null) this.#waits.delete(name);
    if (after.actual.state !== 'backoff' || after.actual === before.actual) return;
    if (after.trouble !== null) return;
    const last = this.#waits.get(name) ?? 0;
    assert.ok(after.actual.wait >= last, `${name} waits ${after.actual.wait} ms after ${last} ms`);
    this.#waits.set(name, after.actual.wait);
  }

  /** A signal names a process of the service that lives as far as anybody can know. */
  signal({ process }: Extract<ServiceAction, { type: 'signal' }>, { spec }: Service, world: World) {
    assert.equal(world.programOf(process), programOf(spec), 'a signal to a stranger');
    assert.ok(!this.#dead.has(process.pid), 'a signal to the dead');
  }

  died({ pid }: Process): void {
    this.#dead.add(pid);
  }

  /** No second start before the first is answered. */
  spawn(action: Spawn): void {
    if (action.purpose === 'stop') return;
    const last = this.#asked.get(action.service);
    assert.equal(last, undefined, `${action.service} is asked for twice`);
    this.#asked.set(action.service, action);
  }

  answered(action: Exclude<ServiceAction, { type: 'signal' }>): void {
    const last = this.#asked.get(action.service);
    if (last?.incarnation === action.incarnation) this.#asked.delete(action.service);
  }

  /** A sweep kills leftovers, and never a daemon that is to run. */
  swept({ spec, desired }: Service, daemons: readonly Running[]): void {
    if (desired !== 'up') return;
    assert.deepEqual(daemons, [], `a sweep killed ${programOf(spec)}`);
  }

  /** What the last esmd had asked for is not known any more. */
  respawned(): void {
    this.#asked = new Map();
  }

  #forget(name: string): void {
    this.#asked.delete(name);
    this.#waits.delete(name);
  }
}

/** `failed` acts at its deadline, or because somebody asks for it. */
function checkFailed(before: Service, after: Service, inputs: readonly Input[], now: number): void {
  if (before.actual.state !== 'failed' || after.actual.state === 'failed') return;
  const isDue = before.actual.deadline !== null && now >= before.actual.deadline;
  const isWanted = before.desired === after.desired;
  assert.ok(isDue || !isWanted || isAsked(after.spec.name, inputs), 'failed acted too early');
}

/** An operator's request, HUP, or an init script that says it has started it. */
const isAsked = (name: string, inputs: readonly Input[]): boolean =>
  inputs.some((input) => {
    if (input.type === 'state-file') return input.file.daemons.get(name) === 'up';
    return input.type === 'request' ? input.name === name : input.type === 'reload';
  });
