/**
 * What all held processes share, however their end is noticed.
 *
 * A child that has ended stays a zombie until it is released, so its number, its process group
 * and its session mean nothing else for as long as it is held: the decision about what it left
 * behind can be made, and carried out, without haste.
 */

import { constants } from 'node:os';
import type { ExitStatus } from '../core/process.js';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import type { SignalName } from '../core/service/spec.js';
import type { Pid } from '../core/units.js';
import { errnoName } from './libc/library.js';
import type { Exit, Held } from './os.js';
import { signalNumber } from './signal-numbers.js';

export type Scope = Parameters<Held['signal']>[1];

/** Which process is held. */
export type Identity = Readonly<{ pid: Pid; startTime: number; origin: Held['origin'] }>;

/** The set that a held process belongs to. */
export interface Keeper {
  /** It need not be looked at any more. */
  forget(held: HeldProcess): void;
}

export abstract class HeldProcess implements Held {
  readonly pid: Pid;
  readonly startTime: number;
  readonly origin: Held['origin'];
  abstract readonly means: Held['means'];
  protected readonly keeper: Keeper;
  #isReleased = false;

  constructor(identity: Identity, keeper: Keeper) {
    this.pid = identity.pid;
    this.startTime = identity.startTime;
    this.origin = identity.origin;
    this.keeper = keeper;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Looks what has happened since the last look; an end is reported once. */
  abstract look(isReaped: boolean): Exit | null;

  /** Sends it to the process, or to the group it leads or led: 0 or a negative errno. */
  protected abstract send(signal: number, scope: Scope): number;

  /** Whether the process has ended, asked of the kernel. */
  protected abstract hasEnded(): boolean;

  /** Called once, by release(). */
  protected abstract letGo(): void;

  /** Closes what holds it without a further look; the process goes on, or stays a zombie. */
  abstract close(): void;

  isAlive(): boolean {
    return !this.#isReleased && !this.hasEnded();
  }

  signal(name: SignalName, scope: Scope): Result<void> {
    if (this.#isReleased) return failed(cannotSignal(this.pid, name, 'it is not held any more'));
    const result = this.send(signalNumber(name), scope);
    return result >= 0 || result === -constants.errno.ESRCH
      ? ok(undefined)
      : failed(cannotSignal(this.pid, name, errnoName(result)));
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.letGo();
  }

  protected exit(edge: Exit['edge'], status: ExitStatus): Exit {
    return { held: this, edge, status };
  }
}

const cannotSignal = (pid: Pid, name: SignalName, why: string): Problem => ({
  code: 'ESM_SIGNAL_FAILED',
  message: `Cannot send SIG${name} to process ${pid}: ${why}`,
});
