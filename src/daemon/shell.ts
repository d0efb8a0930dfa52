/**
 * The daemon's loop: gathers what has happened, steps the core once for all of it, performs what
 * comes back, and publishes the difference. A turn is run to completion and never waits.
 *
 * A turn takes things in an order that keeps the promises: signals; deaths; one look at the state
 * file, which whoever announces a planned stop has replaced before killing anything; deadlines
 * last. Turns begin when all signals are told of: at once for deaths, otherwise in the check phase
 * of the loop, after all that the same wake-up has brought.
 */

import type { Event } from '../core/event/event.js';
import { announce } from '../core/monitor/announce.js';
import type { Input, Monitor } from '../core/monitor/monitor.js';
import { deadline } from '../core/monitor/monitor.js';
import { step } from '../core/monitor/step.js';
import type { Result } from '../core/result.js';
import { instant, sequence, type Instant, type Sequence, type WallClock } from '../core/units.js';
import type { Alarm, Exit, Exits, Precedence } from '../os/os.js';
import { Flood } from './flood.js';
import type { HeldProcesses } from './held-processes.js';
import type { PerformOs } from './perform.js';
import { Performer } from './perform.js';

export type ShellParts = Readonly<{
  os: PerformOs;
  held: HeldProcesses;
  /** Taken when several die at once, and kept until the last of them is started and told of. */
  precedence: Precedence;
  /** Reads the state file if it has changed; called before anything is done about a death. */
  lookAtStateFile: () => Input | null;
  /** Whether a signal has come that nobody was told of yet; see os/signal-pipe.ts. */
  hasSignal: () => boolean;
  /** Whether esmd was stopped since this was asked last; see os/pauses.ts. */
  hasPaused: () => boolean;
  /** What giving up is announced at. */
  alarm: () => 'emergency' | 'alert';
  /** The number of the last event of a former esmd. */
  last: Sequence;
  /** Called when there begins to be more to start than a turn takes, and when there is not any more. */
  behind: (isBehind: boolean) => void;
  /** Called after each turn in which something changed. */
  changed: (before: Monitor, after: Monitor, events: readonly Event[]) => void;
  reply: (id: number, result: Result<string>) => void;
}>;

/** A turn goes on starting until so many milliseconds after its beginning. */
const startingMs = 4;
/** While starts wait for others to die, it is looked again after so many milliseconds. */
const floodLookMs = 1;
/** So many services may die by the hundred. */
const crowd = 100;
/** So many events are told in a turn: to find the words for them takes some milliseconds. */
const toldAtOnce = 24;
/** Starts come before words, but not for ever: this many are not kept back. */
const mostUntold = 5_000;

/** A signal that a turn acts on. */
export type Wake = 'continued' | 'look';

export class Shell {
  readonly #parts: ShellParts;
  readonly #performer: Performer;
  readonly #exits: Exits;
  #monitor: Monitor;
  /** The earliest deadline in it. */
  #due: Instant | null;
  /** The steps of this turn that have not been announced. */
  readonly #steps: Taken[] = [];
  #last: Sequence;
  readonly #flood = new Flood();
  readonly #untold: Event[] = [];
  readonly #inbox: Input[] = [];
  #wakes = new Set<Wake>();
  #alarm: Alarm | null = null;
  #isScheduled = false;
  #isTurning = false;
  #wasBehind = false;
  #isStopped = false;

  constructor(monitor: Monitor, parts: ShellParts) {
    this.#parts = parts;
    this.#monitor = monitor;
    this.#due = deadline(monitor);
    this.#last = parts.last;
    this.#exits = parts.os.exits;
    const post = (input: Input): void => this.post(input);
    this.#performer = new Performer(parts.os, monitor, parts.held, post, parts.reply);
  }

  get monitor(): Monitor {
    return this.#monitor;
  }

  get last(): Sequence {
    return this.#last;
  }

  /** The number of the last event that `changed` was told of. */
  get lastTold(): Sequence {
    return sequence(this.#last - this.#untold.length);
  }

  /** Whether there is more to start, or to hear of, than a turn takes. */
  get isBehind(): boolean {
    return this.#performer.isBehind || this.#exits.hasMore();
  }

  /** Whether there is more to say, too. */
  get isBusy(): boolean {
    return this.isBehind || this.#untold.length > 0;
  }

  /** The one timer; its firing is no more than a wake-up. */
  useAlarm(alarm: Alarm): void {
    this.#alarm = alarm;
  }

  post(input: Input): void {
    this.#inbox.push(input);
    // A turn takes what it brings about itself.
    if (!this.#isTurning) this.wake();
  }

  wake(why?: Wake): void {
    if (why !== undefined) this.#wakes.add(why);
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => this.#afterSignals());
  }

  /** There are deaths to hear of. The replacements do not wait for a round of the loop. */
  hear(): void {
    if (this.#isScheduled || this.#isStopped) return;
    if (this.#isPatient) this.wake();
    else this.turn();
  }

  /**
   * A signal is told of one round of the loop after the deaths that came with it: epoll_wait(2)
   * has returned both by then, and libuv reads what its handler wrote in the next round only.
   */
  #afterSignals(): void {
    if (this.#isPatient) setImmediate(() => this.#begin());
    else this.#begin();
  }

  /** While there is more to start than a turn takes, each round of the loop has one turn at most. */
  get #isPatient(): boolean {
    return this.#wasBehind || this.#parts.hasSignal();
  }

  #begin(): void {
    this.#isScheduled = false;
    if (!this.#isStopped) this.turn();
  }

  /** No turn begins any more: last words follow. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm?.set(null);
  }

  /** All that has happened and was not told yet, at once. */
  tellRest(): void {
    const events = this.#untold.splice(0);
    if (events.length > 0) this.#parts.changed(this.#monitor, this.#monitor, events);
  }

  turn(): void {
    const before = this.#monitor;
    const { precedence, os } = this.#parts;
    const now = os.clock.now();
    this.#isTurning = true;
    this.#take(this.#gather(now), now);
    while (this.#inbox.length > 0) this.#take(this.#inbox.splice(0), now);
    const hasToWait = !this.#spawnSome(now);
    while (this.#inbox.length > 0) this.#take(this.#inbox.splice(0), os.clock.now());
    this.#letGo();
    this.#due = deadline(this.#monitor);
    this.#alarm?.set(hasToWait ? instant(now + floodLookMs) : this.#due);
    this.#announce();
    const events = this.#tellable();
    this.#isTurning = false;
    const goesOn = hasToWait ? this.#exits.hasNews() : this.isBusy;
    if (goesOn || this.#inbox.length > 0) this.wake();
    this.#tellBehind();
    if (before !== this.#monitor || events.length > 0) {
      this.#parts.changed(before, this.#monitor, events);
    }
    // Not before the words: hundreds are beginning to run.
    if (!this.isBusy) precedence.leave();
  }

  /** False: nothing was, since it has to wait. */
  #spawnSome(now: Instant): boolean {
    if (!this.#performer.isBehind) return true;
    if (!this.#mayStart(now)) return false;
    const { clock } = this.#parts.os;
    this.#performer.spawnSome(this.#monitor, () => {
      const at = clock.now();
      return at - now < startingMs && this.#mayStart(at);
    });
    return true;
  }

  #mayStart(now: Instant): boolean {
    return this.#flood.mayStart(this.isCrowd && this.#exits.hasNews(), now);
  }

  #tellBehind(): void {
    const { isBehind } = this;
    if (isBehind === this.#wasBehind) return;
    this.#wasBehind = isBehind;
    this.#parts.behind(isBehind);
  }

  /** All that has happened, in the order in which it is to be taken in. */
  #gather(now: Instant): readonly Input[] {
    const wakes = this.#wakes;
    this.#wakes = new Set();
    // And no others: the loop has had no round to hear of a TERM that came before them.
    const exits = [...this.#exits.told()];
    // After they were seen: the CONT that ended a stop may be on its way still.
    const late = this.#parts.hasPaused() || wakes.has('continued');
    if (late) this.#performer.startOver();
    const isDue = !late && this.#isDue(now);
    // After the deaths were seen, so that what was announced before them is read before them.
    const mayMatter = exits.length > 0 || isDue || late || wakes.has('look');
    const inputs: Input[] = mayMatter ? this.#look(exits, late) : [];
    if (late) inputs.push({ type: 'continued' });
    const posted = this.#inbox.splice(0);
    const deaths = exits.filter((exit) => this.#notice(exit, late, inputs));
    this.#hear(deaths.length, now);
    inputs.push(...posted);
    // Who has died has not lived until its deadline.
    if (isDue && !this.#exits.hasMore()) inputs.push({ type: 'elapsed' });
    return inputs;
  }

  /**
   * At the state file. Of hundreds of deaths a turn takes a portion, unless something else has
   * become known that may concern any of them: all that happened while esmd was stopped are late.
   */
  #look(exits: Exit[], late: boolean): Input[] {
    const { lookAtStateFile } = this.#parts;
    let found = lookAtStateFile();
    if (late || (found !== null && this.#exits.hasMore())) {
      do exits.push(...this.#exits.drain());
      while (this.#exits.hasMore());
      found = lookAtStateFile() ?? found;
    }
    return found === null ? [] : [found];
  }

  #isDue(now: Instant): boolean {
    return this.#due !== null && this.#due <= now;
  }

  /** A single one is answered sooner than precedence is taken and left. */
  #hear(deaths: number, now: Instant): void {
    this.#flood.hear(deaths, now);
    if (deaths > 1 || (deaths === 1 && this.isCrowd)) this.#parts.precedence.take();
  }

  /** Whether each death may be the first of hundreds. */
  get isCrowd(): boolean {
    return this.#monitor.services.size >= crowd;
  }

  /** Whether it is the death of a service's process; what is swept is waited for in any case. */
  #notice({ held, edge, status }: Exit, late: boolean, inputs: Input[]): boolean {
    if (edge === 'died' && this.#performer.sweeps.died(held)) return false;
    const { held: all } = this.#parts;
    const name = edge === 'died' ? all.ownerOf(held) : all.reaped(held);
    if (name === null) return false;
    const { pid, startTime, origin } = held;
    const process = { pid, startTime, origin };
    if (edge === 'reaped') {
      inputs.push({ type: 'service', name, input: { type: 'reaped', process, status } });
      return false;
    }
    const known = origin === 'child' || status.type !== 'unknown' ? status : null;
    const seenAt = this.#parts.os.clock.bootTicks();
    const input = { type: 'exited', process, status: known, late, seenAt } as const;
    inputs.push({ type: 'service', name, input });
    return true;
  }

  #take(inputs: readonly Input[], now: Instant): void {
    if (inputs.length === 0) return;
    const wall = this.#parts.os.clock.wall();
    const before = this.#monitor;
    const [after, actions] = step(before, inputs, { now, wall });
    this.#monitor = after;
    if (before.requires !== after.requires) this.#rename(before, after);
    this.#performer.perform(actions, after);
    this.#steps.push({ before, inputs, after, wall });
  }

  /** Services come only with a configuration; a new one may be an old one with another name. */
  #rename(before: Monitor, after: Monitor): void {
    for (const [name, service] of after.services) {
      const former = before.services.has(name) ? null : this.#parts.held.claim(service);
      if (former !== null) this.#performer.rename(former, name);
    }
  }

  /**
   * Of what the records named in the course of this turn, and do not any more, and of what answers
   * brought that came too late. Only after the starts: it takes as long as a step.
   */
  #letGo(): void {
    const { held } = this.#parts;
    const { services } = this.#monitor;
    for (const { before, inputs } of this.#steps) {
      before.services.forEach((service, name) => {
        const now = services.get(name);
        if (now !== service) held.reconcile(service, now);
      });
      for (const input of inputs) {
        if (input.type !== 'service' || !('process' in input.input)) continue;
        held.settle(input.input.process, input.name, services.get(input.name));
      }
    }
  }

  #announce(): void {
    const alarm = this.#parts.alarm();
    for (const { before, after, wall } of this.#steps.splice(0)) {
      this.#untold.push(...announce(before, after, { wall, last: this.#last, alarm }));
      this.#last = this.#untold.at(-1)?.sequence ?? this.#last;
    }
  }

  /** Last of all: no replacement waits for the words about a death, its own or another one's. */
  #tellable(): readonly Event[] {
    if (this.isBehind && this.#untold.length < mostUntold) return [];
    return this.#untold.splice(0, toldAtOnce);
  }
}

type Taken = Readonly<{
  before: Monitor;
  inputs: readonly Input[];
  after: Monitor;
  wall: WallClock;
}>;
