/** Definitions, records and inputs for tests of the core. */

import type { ExitStatus, Process } from '../../src/core/process.js';
import type { Problem } from '../../src/core/result.js';
import type {
  Actual,
  Authority,
  Context,
  Desired,
  Input,
  Purpose,
  Service,
} from '../../src/core/service/record.js';
import { never } from '../../src/core/service/enter.js';
import { fresh } from '../../src/core/service/record.js';
import type { RestartPolicy, Spec } from '../../src/core/service/spec.js';
import { incarnation, instant, millis, pid, seconds, wallClock } from '../../src/core/units.js';

export const policy: RestartPolicy = {
  limit: 5,
  window: seconds(60),
  delay: millis(100),
  delayMax: seconds(10),
  retry: 'restart',
  retryInterval: seconds(30),
};

/** A program that stays in the foreground and that esmd runs itself. */
export function spec(changes: Partial<Spec> = {}): Spec {
  return {
    name: 'web',
    description: 'a test',
    launch: { type: 'command', command: [`/usr/sbin/${changes.name ?? 'web'}`] },
    stop: null,
    initscript: null,
    pidfile: null,
    match: null,
    user: null,
    group: null,
    directory: '/',
    umask: 0o022,
    environment: {},
    requires: [],
    after: [],
    category: 'test',
    startTimeout: seconds(30),
    probation: seconds(1),
    stopSignal: 'TERM',
    stopTimeout: seconds(10),
    kill: 'group',
    log: '/dev/null',
    restart: policy,
    limits: { nofile: null, memoryMax: null },
    ...changes,
  };
}

/** A daemon that its start command puts into the background; it writes a pid file. */
export function backgroundSpec(changes: Partial<Spec> = {}): Spec {
  const name = changes.name ?? 'web';
  return spec({
    launch: { type: 'start', start: [`/etc/init.d/${name}`, 'start'] },
    pidfile: `/run/${name}.pid`,
    match: { exe: `/usr/sbin/${name}`, args: null, user: null },
    restart: { ...policy, retry: 'resume' },
    ...changes,
  });
}

/** The moment at which these tests happen. */
export const now = instant(100_000);
export const wall = wallClock(1_700_000_000_000);
export const later = (ms: number) => instant(now + ms);

export const context = (changes: Partial<Context> = {}): Context => ({
  now,
  wall,
  missing: [],
  ...changes,
});

export const process = (n: number, origin: Process['origin'] = 'child'): Process => ({
  pid: pid(n),
  startTime: n * 10,
  origin,
});

export const main = process(100);
export const command = process(200);
export const stranger = process(300, 'adopted');

export const code = (n: number): ExitStatus => ({ type: 'code', code: n });
export const killed: ExitStatus = { type: 'signal', signal: 'SIGKILL' };
export const problem: Problem = { code: 'ESM_TEST', message: 'Cannot do it' };

/** Every state and phase once, with deadlines that lie ahead. */
export const actuals = {
  stopped: { state: 'stopped', waitingFor: [] },
  waiting: { state: 'stopped', waitingFor: ['db'] },
  looking: { state: 'spawning', phase: 'looking', onAbsence: 'launch' },
  lookingAfterDeath: { state: 'spawning', phase: 'looking', onAbsence: 'failure' },
  sweeping: { state: 'spawning', phase: 'sweeping', deadline: later(10_000) },
  asked: { state: 'spawning', phase: 'asked' },
  launching: { state: 'starting', phase: 'launching', command, deadline: later(30_000) },
  appearing: {
    state: 'starting',
    phase: 'appearing',
    deadline: later(30_000),
    nextLook: later(100),
    onAbsence: 'failure',
    problem: null,
  },
  saidToRun: {
    state: 'starting',
    phase: 'appearing',
    deadline: later(30_000),
    nextLook: later(100),
    onAbsence: 'start',
    problem: null,
  },
  lastLook: {
    state: 'starting',
    phase: 'appearing',
    deadline: later(30_000),
    nextLook: later(100),
    onAbsence: 'failure',
    problem,
  },
  probation: { state: 'probation', process: main, deadline: later(1000) },
  running: { state: 'running', process: main },
  asking: {
    state: 'stopping',
    phase: 'asking',
    process: main,
    command,
    deadline: later(10_000),
  },
  askingStill: {
    state: 'stopping',
    phase: 'asking',
    process: null,
    command,
    deadline: later(10_000),
  },
  signalling: {
    state: 'stopping',
    phase: 'signalling',
    process: main,
    target: 'daemon',
    kills: 0,
    deadline: later(10_000),
  },
  breakingOff: {
    state: 'stopping',
    phase: 'signalling',
    process: command,
    target: 'start command',
    kills: 0,
    deadline: later(10_000),
  },
  stoppingLast: { state: 'stopping', phase: 'looking' },
  backoff: { state: 'backoff', deadline: later(400), wait: millis(400) },
  failed: { state: 'failed', deadline: later(30_000) },
  failedForGood: { state: 'failed', deadline: null },
} as const satisfies Readonly<Record<string, Actual>>;

/** What `actual` would be once its deadline has come, if it ever does. */
export function overdue<A extends Actual>(actual: A): A {
  if (!('deadline' in actual) || actual.deadline === null) return actual;
  if (actual.deadline === never) return actual;
  return { ...actual, deadline: now };
}

/** A record that is wanted up; a daemon that runs is one that we started ourselves. */
export function service(actual: Actual, changes: Partial<Service> = {}): Service {
  const record = fresh(spec(), { now: instant(0), wall: wallClock(0) });
  return {
    ...record,
    desired: 'up',
    desiredBy: 'configuration',
    actual,
    incarnation: incarnation(7),
    leader: main,
    ...(actual.state === 'failed' ? { givenUp: { tries: 0, interval: seconds(30) } } : {}),
    ...changes,
  };
}

/** What an operator's stop leaves in a record, and what a mode does. */
export const down = { desired: 'down', desiredBy: 'operator', wish: 'down' } as const;
export const unmonitored = { desired: 'unmonitored', desiredBy: 'mode' } as const;

const life = incarnation(7);

export const wish = (desired: Desired, by: Authority = 'configuration'): Input => ({
  type: 'desired',
  desired,
  by,
});
export const found = (process: Process): Input => ({ type: 'found', incarnation: life, process });
export const absent: Input = { type: 'absent', incarnation: life };
export const ambiguous: Input = {
  type: 'ambiguous',
  incarnation: life,
  pids: [pid(300), pid(301)],
};
export const swept: Input = { type: 'swept', incarnation: life };
export const spawned = (purpose: Purpose, process: Process): Input => ({
  type: 'spawned',
  incarnation: life,
  purpose,
  process,
  warnings: [],
});
export const unspawned = (purpose: Purpose, shortage = false): Input => ({
  type: 'unspawned',
  incarnation: life,
  purpose,
  shortage,
  problem,
});
/** When an end is seen, in clock ticks: after the starts of all these processes. */
export const seenAt = 9000;
export const exited = (
  process: Process,
  status: ExitStatus | null = code(0),
  late = false,
  ticks = seenAt,
): Input => ({ type: 'exited', process, status, late, seenAt: ticks });
export const elapsed: Input = { type: 'elapsed' };
