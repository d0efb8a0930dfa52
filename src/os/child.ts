/**
 * Starts processes. Each gets exactly what its request says, in a session of its own, with three
 * open files; nothing comes from esmd. See ARCHITECTURE, "What a child inherits".
 *
 * The call returns when the program runs, or when it is clear why it does not: after about 0.3 ms
 * for a program on a local filesystem that runs as root. It never waits for a file to answer.
 */

import { closeSync, openSync } from 'node:fs';
import type { Problem, Result } from '../core/result.js';
import { pid as toPid } from '../core/units.js';
import { errorCode } from './error-code.js';
import { closeAllOnExec } from './libc/descriptor.js';
import { kill, yieldProcessor } from './libc/process.js';
import { spawnProcess } from './libc/spawn.js';
import { openLog } from './log-file.js';
import { watchMounts } from './mount-watch.js';
import type { Mounts } from './mounts.js';
import type { Exits, SpawnAnswer, Spawner, SpawnRequest } from './os.js';
import { failureOf, noAnswer, notHeld, refusal, unusableText } from './spawn-failure.js';
import { awaitsPlacement, place } from './placement.js';
import { planSpawn, type Plan } from './spawn-plan.js';
import {
  cgroupRefused,
  mayRaiseLimits,
  openOomScore,
  takeCgroup,
  takeLimit,
  takeUmask,
  type Undo,
} from './spawn-surroundings.js';
import { findIdentity, localIdentity, type Identity } from './spawn-user.js';

const SIGKILL = 9;

/**
 * Makes the spawner, and marks every descriptor that this process was given close-on-exec.
 * `mayRaise`: whether limits can be raised again after lowering them; default: what the kernel
 * allows this process. `tell`: gets what goes wrong with a start after its answer.
 */
export function createSpawner(
  exits: Exits,
  mayRaise: boolean = mayRaiseLimits(),
  tell: (problem: Problem) => void = () => undefined,
): ProcessSpawner {
  closeAllOnExec();
  return new PosixSpawner(exits, {
    mayRaise,
    tell,
    nothing: openSync('/dev/null', 'r+'),
    mounts: watchMounts(),
    takeOomScore: openOomScore(),
  });
}

export interface ProcessSpawner extends Spawner {
  /** The same, of processes that another one watches. */
  watchedBy(exits: Exits): Spawner;
}

/** What is opened once. */
type Tools = Readonly<{
  mayRaise: boolean;
  tell: (problem: Problem) => void;
  nothing: number;
  mounts: () => Mounts;
  takeOomScore: () => Undo;
}>;

class PosixSpawner implements ProcessSpawner {
  readonly #exits: Exits;
  readonly #tools: Tools;

  constructor(exits: Exits, tools: Tools) {
    this.#exits = exits;
    this.#tools = tools;
  }

  watchedBy(exits: Exits): Spawner {
    return new PosixSpawner(exits, this.#tools);
  }

  spawn(request: SpawnRequest, answer: (answer: SpawnAnswer) => void): void {
    const unusable = unusableText(request);
    if (unusable !== null) {
      answer(refusal(unusable));
      return;
    }
    const identity = localIdentity(request);
    if (identity !== undefined) {
      answer(this.#start(request, identity));
      return;
    }
    // What answer() throws is left to become an unhandled rejection: it is a bug, not an answer.
    void findIdentity(request)
      .then(
        (found) => this.#start(request, found),
        (error: unknown) => noAnswer(request, error),
      )
      .then(answer);
  }

  #start(request: SpawnRequest, identity: Result<Identity>): SpawnAnswer {
    if (!identity.ok) return refusal(identity.problem);
    const mounts = this.#tools.mounts();
    const plan = planSpawn(request, identity.value, { mounts, mayRaise: this.#tools.mayRaise });
    if (!plan.ok) return refusal(plan.problem);
    const warnings: Problem[] = [...plan.value.warnings];
    const log = request.log === null ? null : granted(openLog(request.log, mounts), warnings);
    try {
      return this.#launch(request, plan.value, log ?? this.#tools.nothing, warnings);
    } finally {
      if (log !== null) closeSync(log);
    }
  }

  #launch(request: SpawnRequest, plan: Plan, output: number, warnings: Problem[]): SpawnAnswer {
    const undo: (Undo | null)[] = [];
    let isPlaced = request.placement === 'itself';
    let result: number;
    try {
      undo.push(takeUmask(request.umask), this.#tools.takeOomScore());
      undo.push(granted(takeLimit(plan.nofile), warnings) ?? granted(takeLimit(null), warnings));
      if (request.cgroup !== null && request.placement === 'before') {
        const back = granted(takeCgroup(request.cgroup), warnings);
        isPlaced = back !== null;
        undo.push(back);
      }
      result = spawnProcess({
        argv: plan.argv,
        environment: plan.environment,
        directory: plan.directory,
        descriptors: [this.#tools.nothing, output, output],
      });
    } finally {
      undoAll(undo, warnings);
    }
    if (result < 0) return failureOf(result, request);
    const isSingle = request.isLast && !awaitsPlacement();
    // The end of execve(2) has woken us up, often on the processor of the new process, which would
    // wait there for 0.4 ms until we sleep. Of a row of starts others would run first, and long.
    if (isSingle) yieldProcessor();
    const answer = this.#hold(request, result, warnings);
    if (answer.ok && request.cgroup !== null && !isPlaced) {
      const { tell } = this.#tools;
      place({ folder: request.cgroup, number: result, tell }, isSingle);
    }
    return answer;
  }

  #hold(request: SpawnRequest, number: number, warnings: readonly Problem[]): SpawnAnswer {
    const held = this.#exits.hold(toPid(number), 'child');
    if (held.ok) return { ok: true, held: held.value, warnings };
    // Without a hold on it nobody would notice its end. It is our child, so the number is its own.
    kill(number, SIGKILL);
    return notHeld(request, held.problem);
  }
}

/** The value; null, and a warning, where there is none. */
function granted<T>(result: Result<T>, warnings: Problem[]): T | null {
  if (result.ok) return result.value;
  warnings.push(result.problem);
  return null;
}

/** In reverse order, and each of them, whatever becomes of the others. */
function undoAll(undo: readonly (Undo | null)[], warnings: Problem[]): void {
  for (const back of undo.toReversed()) {
    try {
      back?.();
    } catch (error) {
      warnings.push(cgroupRefused('of esmd itself', `cannot go back (${errorCode(error)})`));
    }
  }
}
