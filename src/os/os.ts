/**
 * Everything the daemon's shell asks of the kernel about processes. Adapters below this folder
 * implement it and decide nothing; the simulation in test/helpers implements it without a kernel.
 */

import type { ExitStatus } from '../core/process.js';
import type { Problem, Result } from '../core/result.js';
import type { Candidate } from '../core/service/matching.js';
import type { SignalName } from '../core/service/spec.js';
import type { Instant, Pid, WallClock } from '../core/units.js';

export interface Clock {
  /** CLOCK_MONOTONIC, in milliseconds with a fraction. */
  now(): Instant;
  wall(): WallClock;
  /** CLOCK_BOOTTIME, in clock ticks since boot as the start times of processes are. */
  bootTicks(): number;
}

/** One timer. Setting it replaces what was set; null disarms it; a past instant fires next turn. */
export interface Alarm {
  set(at: Instant | null): void;
}

/**
 * A process that is held: its number cannot come to mean another process as long as this lives.
 * By pidfd; where there is none, by SIGCHLD and waitid(2) for a child, and by an open /proc
 * directory for a stranger.
 */
export interface Held {
  readonly pid: Pid;
  /** Clock ticks since boot: /proc/PID/stat, field 22. */
  readonly startTime: number;
  readonly origin: 'child' | 'adopted';
  /** How its end is noticed; `poll` is slow, and `status` says so. */
  readonly means: 'pidfd' | 'sigchld' | 'poll';
  /** False from the moment of its death, reaped or not. */
  isAlive(): boolean;
  /**
   * Sends a signal to it, or to its process group (it has to be the leader; it may be dead).
   * A process that has ended is `ok`: nothing is left to signal.
   */
  signal(name: SignalName, scope: 'process' | 'group'): Result<void>;
  /** Stops watching and closes what holds it. Idempotent. */
  release(): void;
}

/**
 * One thing noticed about a held process. `died` comes once; `reaped` comes at most once after
 * it, for a stranger whose status only then is known. A child's status is known at `died`.
 */
export type Exit = Readonly<{
  held: Held;
  edge: 'died' | 'reaped';
  status: ExitStatus;
}>;

/** Before all others that wait for a processor, and are not scheduled in real time. */
export interface Precedence {
  take(): void;
  leave(): void;
}

export interface Exits {
  /**
   * Holds the process with this number now. Opens the pidfd first, reads the start time after,
   * and then checks that it still lives; ESRCH is the problem `ESM_PROCESS_GONE`.
   */
  hold(pid: Pid, origin: 'child' | 'adopted'): Result<Held>;
  /** What the event loop has told of, or the first portion of it. */
  told(): readonly Exit[];
  /** The same, and what has happened since; never waits. */
  drain(): readonly Exit[];
  /** Whether these may have more to give at once. */
  hasMore(): boolean;
  /** Whether there are ends that were not told, those that have just come included. */
  hasNews(): boolean;
  /** Closes everything; nothing is signalled. */
  close(): void;
}

/** Everything that a new process is given; nothing is inherited from esmd. */
export type SpawnRequest = Readonly<{
  /** argv[0] is an absolute path and is the program. */
  command: readonly string[];
  /** Names or numbers; null: root. */
  user: string | null;
  group: string | null;
  directory: string;
  umask: number;
  /** The whole environment. */
  environment: Readonly<Record<string, string>>;
  /** File that stdout and stderr are appended to; null: /dev/null. */
  log: string | null;
  /** RLIMIT_NOFILE, soft and hard; null: as esmd itself was started. */
  nofile: number | null;
  /** A cgroup folder that the process is put into; null: none. */
  cgroup: string | null;
  /**
   * `before`: it is there before its first instruction (limits), and this process with it.
   * `after`: it follows, and so does what it has forked by then. `itself`: a shell goes there and
   * becomes the program; what the program forks at once and leaves behind, as a script does, is
   * there as well, and nobody but it waits for the move.
   */
  placement: 'before' | 'after' | 'itself';
  /** Whether no other start follows at once: the processor is left to the new process then. */
  isLast: boolean;
}>;

/**
 * The answer to a spawn. `shortage`: EAGAIN, ENOMEM, EMFILE, ENFILE or ENOSPC, which says nothing
 * about the service. `warnings` are things that were not granted (a log refused, say).
 */
export type SpawnAnswer =
  | Readonly<{ ok: true; held: Held; warnings: readonly Problem[] }>
  | Readonly<{ ok: false; shortage: boolean; problem: Problem }>;

export interface Spawner {
  /** Starts a process in a session of its own; usually answers before it returns. */
  spawn(request: SpawnRequest, answer: (answer: SpawnAnswer) => void): void;
}

/** One process as /proc shows it; fields beyond `stat` are read when they are asked for. */
export interface ProcessEntry extends Candidate {
  readonly startTime: number;
  /** It was forked and has executed no program since, as workers often do not. */
  readonly isFork: boolean;
}

export interface ProcessTable {
  /** Every process but kernel threads; 5 to 10 µs each. */
  scan(): readonly ProcessEntry[];
  /** One process; null if there is none of this number. */
  read(pid: Pid): ProcessEntry | null;
}

export interface Cgroups {
  /** The folder for a service, made if need be; null where we have no writable cgroup v2. */
  folder(service: string): string | null;
  /** Whether memory.max can be set in it. */
  readonly hasMemory: boolean;
  setMemoryMax(folder: string, bytes: number): Result<void>;
  /** Puts a process in; a process that has ended is `ok`. */
  place(folder: string, pid: Pid): Result<void>;
  members(folder: string): readonly Pid[];
  /** SIGKILL to all members at once (cgroup.kill, Linux ≥ 5.14; one by one by pidfd elsewhere). */
  kill(folder: string): Result<void>;
  /** Removes the folder if it is empty. */
  remove(folder: string): void;
}
