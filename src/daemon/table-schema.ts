/** The shape of the table on disk; what does not have it is not believed. */

import * as v from 'valibot';
import { isServiceName } from '../core/service/name.js';

/** Beyond the safe integers counting up would change nothing, and this leaves room for it. */
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 52));
/** Of the monotonic clock. How far ahead it may lie depends on what it is: see table.ts. */
const time = v.pipe(v.number(), v.finite(), v.minValue(0));
/** What a Date can hold. */
const wall = v.pipe(v.number(), v.minValue(-8.64e15), v.maxValue(8.64e15));

/** No duration that can be configured is longer: schema.ts of the configuration. */
const day = 86_400_000;
const duration = v.pipe(count, v.maxValue(day));
/** The interval between tries grows to ten times what is configured: nextInterval. */
export const longestWait = 10 * day;
const interval = v.pipe(count, v.maxValue(longestWait));

const text = v.string();
const words = v.array(text);
const orNull = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);

/** 0 and 1 are never a daemon: a table that says so was not written by us. */
const pid = v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4_194_304));

const process = v.object({ pid, startTime: count, origin: v.picklist(['child', 'adopted']) });

const problem = v.looseObject({ code: text, message: text });

const actual = v.variant('state', [
  v.object({ state: v.literal('stopped'), waitingFor: words }),
  v.variant('phase', [
    v.object({
      state: v.literal('spawning'),
      phase: v.literal('looking'),
      onAbsence: v.picklist(['launch', 'failure']),
    }),
    v.object({ state: v.literal('spawning'), phase: v.literal('sweeping'), deadline: time }),
    v.object({ state: v.literal('spawning'), phase: v.literal('asked') }),
  ]),
  v.variant('phase', [
    v.object({
      state: v.literal('starting'),
      phase: v.literal('launching'),
      command: process,
      deadline: time,
    }),
    v.object({
      state: v.literal('starting'),
      phase: v.literal('appearing'),
      deadline: time,
      nextLook: time,
      onAbsence: v.picklist(['failure', 'start']),
      problem: orNull(problem),
    }),
  ]),
  v.object({ state: v.literal('probation'), process, deadline: time }),
  v.object({ state: v.literal('running'), process }),
  v.variant('phase', [
    v.object({
      state: v.literal('stopping'),
      phase: v.literal('asking'),
      process: orNull(process),
      command: orNull(process),
      deadline: time,
    }),
    v.object({
      state: v.literal('stopping'),
      phase: v.literal('signalling'),
      process,
      target: v.picklist(['daemon', 'start command']),
      kills: count,
      deadline: time,
    }),
    v.object({ state: v.literal('stopping'), phase: v.literal('looking') }),
  ]),
  v.object({ state: v.literal('backoff'), deadline: time, wait: duration }),
  v.object({ state: v.literal('failed'), deadline: orNull(time) }),
]);

const status = v.variant('type', [
  v.object({ type: v.literal('code'), code: count }),
  v.object({ type: v.literal('signal'), signal: text }),
  v.object({ type: v.literal('unknown') }),
]);

const trouble = v.variant('type', [
  v.object({ type: v.literal('ambiguous'), pids: v.array(pid) }),
  v.object({ type: v.literal('shortage'), problem }),
  v.object({ type: v.literal('unkillable'), pid }),
]);

const restart = v.object({
  limit: count,
  window: duration,
  delay: duration,
  delayMax: duration,
  retry: v.picklist(['restart', 'resume']),
  retryInterval: orNull(duration),
});

const spec = v.object({
  /** Part of a cgroup's path. */
  name: v.pipe(text, v.check(isServiceName)),
  description: text,
  launch: v.variant('type', [
    v.object({ type: v.literal('command'), command: words }),
    v.object({ type: v.literal('start'), start: words }),
  ]),
  stop: orNull(words),
  initscript: orNull(text),
  pidfile: orNull(text),
  match: orNull(v.object({ exe: text, args: orNull(words), user: orNull(text) })),
  user: orNull(text),
  group: orNull(text),
  directory: text,
  umask: v.pipe(count, v.maxValue(0o777)),
  environment: v.record(text, text),
  requires: words,
  after: words,
  category: text,
  startTimeout: duration,
  probation: duration,
  stopSignal: v.picklist(['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'CONT']),
  stopTimeout: duration,
  kill: v.picklist(['group', 'process']),
  log: text,
  restart,
  limits: v.object({ nofile: orNull(count), memoryMax: orNull(count) }),
});

export const serviceSchema = v.object({
  spec,
  desired: v.picklist(['up', 'down', 'unmonitored']),
  desiredBy: v.picklist(['configuration', 'mode', 'state file', 'operator']),
  wish: v.picklist(['none', 'down']),
  actual,
  since: time,
  sinceWall: wall,
  incarnation: count,
  failures: v.array(time),
  inRow: count,
  shortages: count,
  givenUp: orNull(v.object({ tries: count, interval })),
  restarts: count,
  lastEnd: orNull(v.object({ process, at: wall, status: orNull(status), expected: v.boolean() })),
  predecessor: orNull(v.object({ process, from: count, fromWhileNamed: count })),
  lastProblem: orNull(problem),
  launched: orNull(text),
  leader: orNull(process),
  trouble: orNull(trouble),
  warnings: v.array(problem),
  announcedStop: orNull(v.object({ overdueAt: orNull(time) })),
});

export const tableSchema = v.object({
  version: v.literal(1),
  bootId: text,
  last: count,
  isFinal: v.optional(v.boolean()),
  services: v.array(v.unknown()),
});
