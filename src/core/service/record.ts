/**
 * One monitored daemon as we know it: what is wanted of it (`desired`), what is the case
 * (`actual`), and what has to be remembered between the two. Read this file first.
 *
 * A record is never changed: step.ts makes the next one. Waiting states carry their deadline, so
 * leaving a state is all it takes to cancel its timer.
 */

import type { ExitStatus, Process } from '../process.js';
import type { Problem } from '../result.js';
import type { Incarnation, Instant, Millis, Pid, WallClock } from '../units.js';
import { after, incarnation } from '../units.js';
import { statusWait } from './policy.js';
import type { SignalName, Spec } from './spec.js';
import type { Predecessor } from './succession.js';

/** `unmonitored` is hands off: neither started, nor restarted, nor signalled. */
export type Desired = 'up' | 'down' | 'unmonitored';

/** Whose word `desired` is; monitor/desired.ts ranks them. */
export type Authority = 'configuration' | 'mode' | 'state file' | 'operator';

/** What is the case. Each variant has the fields that are true in it, and no other. */
export type Actual =
  /** Nothing of it runs. `waitingFor`: it is to start as soon as these live. */
  | Readonly<{ state: 'stopped'; waitingFor: readonly string[] }>
  /** We look whether it runs. If not, it is launched, or its death counted as a failure first. */
  | Readonly<{ state: 'spawning'; phase: 'looking'; onAbsence: 'launch' | 'failure' }>
  /** What its last life left behind is being killed. */
  | Readonly<{ state: 'spawning'; phase: 'sweeping'; deadline: Instant }>
  /** The kernel was asked for a process and has not answered. */
  | Readonly<{ state: 'spawning'; phase: 'asked' }>
  /** Its start command runs. */
  | Readonly<{ state: 'starting'; phase: 'launching'; command: Process; deadline: Instant }>
  /** The daemon should come to be seen, by pid file or search, before the deadline. */
  | Readonly<{
      state: 'starting';
      phase: 'appearing';
      deadline: Instant;
      /** When to look next, whatever is heard of the pid file until then. */
      nextLook: Instant;
      onAbsence: 'failure' | 'start';
      /** Why the start command failed, if it did. */
      problem: Problem | null;
    }>
  /** It runs, and has to live until the deadline to be trusted. */
  | Readonly<{ state: 'probation'; process: Process; deadline: Instant }>
  | Readonly<{ state: 'running'; process: Process }>
  /** Its stop command was asked for, or runs; `process` is null once the daemon has ended. */
  | Readonly<{
      state: 'stopping';
      phase: 'asking';
      process: Process | null;
      command: Process | null;
      deadline: Instant;
    }>
  /** The stop signal was sent, and SIGKILL `kills` times. */
  | Readonly<{
      state: 'stopping';
      phase: 'signalling';
      process: Process;
      target: 'daemon' | 'start command';
      kills: number;
      deadline: Instant;
    }>
  /** Its start was broken off; one look tells whether a daemon came of it. */
  | Readonly<{ state: 'stopping'; phase: 'looking' }>
  /** Waiting before the next start. */
  | Readonly<{ state: 'backoff'; deadline: Instant; wait: Millis }>
  /** We stopped trying, and said so. `deadline` null: for good, as asked. */
  | Readonly<{ state: 'failed'; deadline: Instant | null }>;

export type State = Actual['state'];

/** A life that ended. */
export type End = Readonly<{
  process: Process;
  at: WallClock;
  /** null: not known yet; the kernel says it when the process has been reaped. */
  status: ExitStatus | null;
  /** We, an operator or the machine meant it to end. */
  expected: boolean;
}>;

/** Something that keeps a service from running and is said once, not at every try. */
export type Trouble =
  | Readonly<{ type: 'ambiguous'; pids: readonly Pid[] }>
  | Readonly<{ type: 'shortage'; problem: Problem }>
  | Readonly<{ type: 'unkillable'; pid: Pid }>;

export type Service = Readonly<{
  spec: Spec;
  desired: Desired;
  desiredBy: Authority;
  /** An operator's stop, which outlives everything but a boot. */
  wish: 'none' | 'down';
  actual: Actual;
  /** When `actual.state` was entered. */
  since: Instant;
  sinceWall: WallClock;
  incarnation: Incarnation;
  /** The failures within the window, oldest first. */
  failures: readonly Instant[];
  /** Failures without a survived probation between them. */
  inRow: number;
  /** Starts in a row that failed for lack of resources. */
  shortages: number;
  /** Set from the first `failed` until it runs again: tries since then, and the interval. */
  givenUp: Readonly<{ tries: number; interval: Millis }> | null;
  /** Restarts made by us since esmd first knew it. */
  restarts: number;
  lastEnd: End | null;
  /** Its last main process; null: none is known, or another was looked for then. */
  predecessor: Predecessor | null;
  lastProblem: Problem | null;
  /** Digest of the definition that the running process was started by; null: not by us. */
  launched: string | null;
  /** The process we started as leader of its own session; its leftovers are ours to kill. */
  leader: Process | null;
  trouble: Trouble | null;
  /** What the last start was not granted, or what limits how well it is watched. */
  warnings: readonly Problem[];
  /** The state file says `stopping`: when that will have lasted too long; null: it has. */
  announcedStop: Readonly<{ overdueAt: Instant | null }> | null;
}>;

/** A record whose state is known, so that handlers need no casts. */
export type In<S extends State> = Service & { readonly actual: Extract<Actual, { state: S }> };

/** What was asked of the kernel: the process itself, its start command, its stop command. */
export type Purpose = 'main' | 'start' | 'stop';

/** Something that happened. Answers name the incarnation, or the process, they are about. */
export type Input =
  | Readonly<{ type: 'begin' }>
  | Readonly<{ type: 'desired'; desired: Desired; by: Authority }>
  | Readonly<{ type: 'announced'; isStopping: boolean }>
  | Readonly<{ type: 'start' }>
  | Readonly<{ type: 'restart' }>
  | Readonly<{ type: 'reset' }>
  | Readonly<{ type: 'reconsider' }>
  /** Its init script says that it has started it, while we waited to do so. */
  | Readonly<{ type: 'said-to-run' }>
  | Readonly<{ type: 'configured'; spec: Spec }>
  | Readonly<{ type: 'found'; incarnation: Incarnation; process: Process }>
  | Readonly<{ type: 'absent'; incarnation: Incarnation }>
  | Readonly<{ type: 'ambiguous'; incarnation: Incarnation; pids: readonly Pid[] }>
  | Readonly<{ type: 'swept'; incarnation: Incarnation }>
  | Readonly<{
      type: 'spawned';
      incarnation: Incarnation;
      purpose: Purpose;
      process: Process;
      warnings: readonly Problem[];
    }>
  | Readonly<{
      type: 'unspawned';
      incarnation: Incarnation;
      purpose: Purpose;
      shortage: boolean;
      problem: Problem;
    }>
  /** `late`: time has passed since we last knew, so others may have acted meanwhile. */
  | Readonly<{
      type: 'exited';
      process: Process;
      status: ExitStatus | null;
      late: boolean;
      /** In clock ticks since boot, as start times are. */
      seenAt: number;
    }>
  | Readonly<{ type: 'reaped'; process: Process; status: ExitStatus }>
  | Readonly<{ type: 'stirred' }>
  | Readonly<{ type: 'continued' }>
  | Readonly<{ type: 'elapsed' }>;

/** Something the shell is asked to do; it answers with an input, never with an exception. */
export type Action =
  /**
   * Find out whether the daemon runs: found, absent or ambiguous. A search that finds no daemon
   * but the start command of a life that an earlier esmd began answers with that: spawned.
   */
  | Readonly<{ type: 'look'; service: string; incarnation: Incarnation; scope: LookScope }>
  /** Kill what the last life left behind: swept. */
  | Readonly<{
      type: 'sweep';
      service: string;
      incarnation: Incarnation;
      leader: Process | null;
    }>
  /** Start a process: spawned or unspawned. */
  | Readonly<{ type: 'spawn'; service: string; incarnation: Incarnation; purpose: Purpose }>
  | Readonly<{
      type: 'signal';
      service: string;
      process: Process;
      signal: SignalName;
      scope: 'process' | 'group';
    }>;

/** `pidfile`: only the process it names; `scan`: every process as well. */
export type LookScope = 'pidfile' | 'scan';

/** What a step is told besides the input. */
export type Context = Readonly<{
  now: Instant;
  wall: WallClock;
  /** Names that this service waits for: requirements that do not live, starts under way. */
  missing: readonly string[];
}>;

export type Step = readonly [Service, readonly Action[]];

/** Every state answers every input; to do nothing is an answer and is written like this. */
export const ignore = (service: Service): Step => [service, []];

/** A service of which nothing is known yet. */
export function fresh(spec: Spec, context: Pick<Context, 'now' | 'wall'>): Service {
  return {
    spec,
    desired: 'unmonitored',
    desiredBy: 'mode',
    wish: 'none',
    actual: { state: 'stopped', waitingFor: [] },
    since: context.now,
    sinceWall: context.wall,
    incarnation: incarnation(0),
    failures: [],
    inRow: 0,
    shortages: 0,
    givenUp: null,
    restarts: 0,
    lastEnd: null,
    predecessor: null,
    lastProblem: null,
    launched: null,
    leader: null,
    trouble: null,
    warnings: [],
    announcedStop: null,
  };
}

/** The daemon's own process, if one is known to live. */
export function mainProcess(service: Service): Process | null {
  const { actual } = service;
  switch (actual.state) {
    case 'probation':
    case 'running':
      return actual.process;
    case 'stopping':
      if (actual.phase === 'looking') return null;
      return actual.phase === 'signalling' && actual.target === 'start command'
        ? null
        : actual.process;
    default:
      return null;
  }
}

/** Every process whose end this service waits for: its own, its start and its stop command. */
export function processesOf(service: Service): readonly Process[] {
  const { actual } = service;
  if (actual.state === 'starting' && actual.phase === 'launching') return [actual.command];
  if (actual.state === 'stopping' && actual.phase === 'signalling') return [actual.process];
  if (actual.state === 'stopping' && actual.phase === 'asking') {
    return [actual.process, actual.command].filter((process) => process !== null);
  }
  const main = mainProcess(service);
  return main === null ? [] : [main];
}

/** Whether others that require it may start. */
export const lives = (service: Service): boolean =>
  service.actual.state === 'probation' || service.actual.state === 'running';

/** The earliest instant at which its state changes by itself; null: none. */
export function deadlineOf(service: Service): Instant | null {
  const { actual } = service;
  if (!('deadline' in actual)) return null;
  if (actual.state === 'starting' && actual.phase === 'appearing') {
    return actual.nextLook < actual.deadline ? actual.nextLook : actual.deadline;
  }
  return actual.deadline;
}

/**
 * When the kernel is not waited for any longer to say how its last process ended; null: it has
 * said so. A daemon may end long after its stop has begun: then the end of the stop is awaited.
 */
export const statusDueAt = ({ actual, since, lastEnd }: Service): Instant | null =>
  lastEnd?.status === null && actual.state !== 'stopping' ? after(since, statusWait) : null;

/** As {@link deadlineOf}, or when there is something to say by then. */
export const dueAt = (service: Service): Instant | null =>
  earlier(
    earlier(deadlineOf(service), service.announcedStop?.overdueAt ?? null),
    statusDueAt(service),
  );

const earlier = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || (b !== null && b < a) ? b : a;
