/**
 * Daemons in several machines killed again and again, each when it has been up for a while, and one
 * at a time: what a restart costs is not measured while another one takes the processors.
 */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Machine } from '../../test/init/lib/machine.js';
import { program } from '../programs.js';
import { toMs } from '../statistics.js';

export type TurnOptions = Readonly<{
  kills: number;
  /** How long a daemon is up before it is killed. */
  upMs: number;
  /** A replacement that takes longer than this does not keep others from being killed. */
  holdMs: number;
  /** A replacement that takes longer than this does not come any more. */
  patienceS: number;
  /** No kill begins later than this: who waits before each restart has fewer. */
  mostMs: number;
}>;

/**
 * `ms`: from each kill to the first instruction of the replacement. `lostAfterS`: how long was
 * waited for one that did not come, which ended it; null if all came.
 */
export type Turns = Readonly<{ ms: readonly number[]; asked: number; lostAfterS: number | null }>;

/** A process in a machine that kills when it is asked to. */
class Killer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(machine: Machine, patienceS: number) {
    const command = machine.commandLine([program('kill'), 'asked', String(patienceS)]);
    const [file = '', ...args] = command;
    this.#child = spawn(file, args);
    this.#child.stdin.on('error', () => undefined); // It has ended with its machine.
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** Milliseconds; null if there is no replacement. */
  async kill(slot: number): Promise<number | null> {
    this.#child.stdin.write(`${slot}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`The killer of slot ${slot} has ended`);
    const [, ns = ''] = answer.value.split(' ');
    return ns === 'lost' ? null : toMs(Number(ns));
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** Lets one at a time do something. */
class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves with the answer; the next one may begin earlier, after `holdMs`. */
  async pass<T>(act: () => Promise<T>, holdMs: number): Promise<T> {
    const before = this.#last;
    const acted = before.then(act);
    this.#last = before.then(() => Promise.race([acted.catch(() => null), pause(holdMs)]));
    return acted;
  }
}

export type Target = Readonly<{ machine: Machine; slot: number }>;

/** The figures of each target, in their order. */
export function takeTurns(
  targets: readonly Target[],
  options: TurnOptions,
): Promise<readonly Turns[]> {
  const turnstile = new Turnstile();
  const until = performance.now() + options.mostMs;
  return Promise.all(targets.map((target) => killAgain(target, turnstile, until, options)));
}

async function killAgain(
  { machine, slot }: Target,
  turnstile: Turnstile,
  until: number,
  { kills, upMs, holdMs, patienceS }: TurnOptions,
): Promise<Turns> {
  const killer = new Killer(machine, patienceS);
  const ms: number[] = [];
  try {
    while (ms.length < kills && performance.now() < until) {
      await pause(upMs);
      const found = await turnstile.pass(() => killer.kill(slot), holdMs);
      if (found === null) return { ms, asked: kills, lostAfterS: patienceS };
      ms.push(found);
    }
    return { ms, asked: kills, lostAfterS: null };
  } finally {
    killer.end();
  }
}
