/** What has become of one service between two steps, as events. */

import type { ServiceEvent, Severity } from '../event/event.js';
import type { ExitStatus } from '../process.js';
import { isSameProcess } from '../process.js';
import { isOverdue, overdueProblem } from '../service/announced-stop.js';
import { launchDigest } from '../service/digest.js';
import type { Actual, End, Service } from '../service/record.js';
import { mainProcess } from '../service/record.js';
import type { Pid } from '../units.js';

type Told = readonly [ServiceEvent, Severity];

/** `isTakenOver`: a service of another name goes on with its process. */
export function serviceEvents(
  before: Service | undefined,
  after: Service | undefined,
  isTakenOver = false,
): readonly Told[] {
  if (before === after) return [];
  if (after === undefined) {
    const main = before === undefined || isTakenOver ? null : mainProcess(before);
    return [[{ type: 'service.forgotten', pid: main?.pid ?? null }, 'notice']];
  }
  if (before === undefined) return added(after);
  return [
    ...ends(before, after),
    ...wishes(before, after),
    ...troubles(before, after),
    ...(before.actual === after.actual ? [] : moves(before, after)),
  ];
}

/** It may come with a process: see takenOver in configure.ts. */
function added(after: Service): readonly Told[] {
  const main = mainProcess(after);
  const told: Told = [{ type: 'service.added' }, 'debug'];
  if (main === null) return [told];
  return [told, [{ type: 'service.adopted', pid: main.pid, how: 'found' }, 'info']];
}

/** A life is announced as over once its status is known, or another has ended since. */
function ends(before: Service, after: Service): readonly Told[] {
  const last = before.lastEnd;
  const next = after.lastEnd;
  if (next === null || next === last) return [];
  const isNext = last === null || !isSameProcess(last.process, next.process);
  const told: Told[] = [];
  if (isNext && last?.status === null) told.push(end(last, { type: 'unknown' }));
  if (next.status !== null && (isNext || last.status === null)) told.push(end(next, next.status));
  return told;
}

function end({ process, expected }: End, status: ExitStatus): Told {
  const event = { type: 'service.exited', pid: process.pid, status, expected } as const;
  return [event, expected ? 'notice' : 'warning'];
}

function wishes(before: Service, after: Service): readonly Told[] {
  const told: Told[] = [];
  const { desired, desiredBy: by } = after;
  // A change of mode is one event of its own, not one for every service.
  if (desired !== before.desired && by !== 'mode' && before.desiredBy !== 'mode') {
    told.push([{ type: 'service.desired', desired, by }, 'notice']);
  }
  if (differs(after) && !differs(before)) told.push([{ type: 'service.differs' }, 'notice']);
  return told;
}

/** Whether what runs was started by a definition that has changed since. */
export const differs = (service: Service): boolean =>
  service.launched !== null &&
  mainProcess(service) !== null &&
  service.launched !== launchDigest(service.spec);

function troubles(before: Service, after: Service): readonly Told[] {
  const told: Told[] = [];
  const { trouble, lastProblem } = after;
  if (trouble !== null && trouble.type !== before.trouble?.type) told.push(troubleEvent(trouble));
  // The same failure again is no news: what follows from it is told as backoff or failed.
  if (lastProblem !== null && lastProblem.message !== before.lastProblem?.message) {
    told.push([{ type: 'service.start-failed', problem: lastProblem }, 'warning']);
  }
  if (isOverdue(after) && !isOverdue(before)) {
    told.push([{ type: 'service.warned', problem: overdueProblem(after) }, 'warning']);
  }
  for (const problem of after.warnings) {
    if (before.warnings.some(({ message }) => message === problem.message)) continue;
    told.push([{ type: 'service.warned', problem }, 'warning']);
  }
  return told;
}

function troubleEvent(trouble: NonNullable<Service['trouble']>): Told {
  switch (trouble.type) {
    case 'ambiguous':
      return [{ type: 'service.ambiguous', pids: trouble.pids }, 'error'];
    case 'shortage':
      return [{ type: 'service.shortage', problem: trouble.problem }, 'alert'];
    case 'unkillable':
      return [{ type: 'service.unkillable', pid: trouble.pid }, 'error'];
  }
}

function moves(before: Service, after: Service): readonly Told[] {
  const { actual } = after;
  switch (actual.state) {
    case 'probation':
      if (before.actual.state === 'probation') return [];
      if (wasLookedFor(before.actual)) return [adopted(before, actual.process.pid)];
      return [...warned(before.actual), started(after, actual.process.pid)];
    case 'running':
      return ran(before, actual.process.pid);
    case 'starting':
      return actual.phase === 'launching' && before.actual.state === 'spawning'
        ? [[{ type: 'service.starting', command: commandOf(after) }, 'info']]
        : [];
    case 'stopping':
      return before.actual.state === 'stopping'
        ? []
        : [[{ type: 'service.stopping', pid: mainProcess(after)?.pid ?? null }, 'notice']];
    case 'stopped':
      return rested(before, after, actual);
    case 'backoff':
    case 'failed':
      return waits(before, after);
    case 'spawning':
      return [];
  }
}

const commandOf = ({ spec }: Service): string =>
  (spec.launch.type === 'start' ? spec.launch.start : spec.launch.command).join(' ');

const started = (after: Service, pid: Pid): Told => [
  { type: 'service.started', pid, again: after.inRow > 0 },
  'notice',
];

const wasLookedFor = (
  actual: Actual,
): actual is Extract<Actual, { state: 'spawning'; phase: 'looking' }> =>
  actual.state === 'spawning' && actual.phase === 'looking';

/** Its start command failed or took too long, and yet the daemon is there. */
function warned(before: Actual): readonly Told[] {
  if (before.state !== 'starting' || before.phase !== 'appearing') return [];
  const { problem } = before;
  return problem === null ? [] : [[{ type: 'service.warned', problem }, 'warning']];
}

function ran(before: Service, pid: Pid): readonly Told[] {
  const { state } = before.actual;
  if (state === 'probation' && before.givenUp !== null) {
    return [[{ type: 'service.resumed', pid }, 'info']];
  }
  return state === 'spawning' || state === 'starting' ? [adopted(before, pid)] : [];
}

function adopted({ actual, givenUp }: Service, pid: Pid): Told {
  const hasMoved = wasLookedFor(actual) && actual.onAbsence === 'failure';
  const how = givenUp !== null ? 'resumed' : hasMoved ? 'moved' : 'found';
  return [{ type: 'service.adopted', pid, how }, 'info'];
}

function rested(
  before: Service,
  after: Service,
  actual: Extract<Actual, { state: 'stopped' }>,
): readonly Told[] {
  if (actual.waitingFor.length > 0) {
    const told =
      before.actual.state === 'stopped' &&
      before.actual.waitingFor.join() === actual.waitingFor.join();
    return told ? [] : [[{ type: 'service.waiting', for: actual.waitingFor }, 'info']];
  }
  const hasStopped = before.actual.state === 'stopping' && after.trouble?.type !== 'ambiguous';
  return hasStopped ? [[{ type: 'service.stopped' }, 'notice']] : [];
}

function waits(before: Service, after: Service): readonly Told[] {
  const { actual, inRow, givenUp, spec } = after;
  if (actual.state === 'backoff') {
    if (inRow === before.inRow) return [];
    const event = { type: 'service.backoff', failures: inRow, retryInMs: actual.wait } as const;
    return [[event, 'warning']];
  }
  // Its full time again, because we were stopped while it ran out: nothing was tried.
  if (before.actual.state === 'failed') return [];
  const retryInMs = spec.restart.retryInterval === null ? null : (givenUp?.interval ?? null);
  if (before.givenUp === null) {
    const failures = Math.max(inRow, after.failures.length);
    const { retry } = spec.restart;
    const problem = after.lastProblem;
    const event = { type: 'service.failed', failures, retry, retryInMs, problem } as const;
    return [[event, 'emergency']];
  }
  // Only watching says nothing: there is news when the daemon runs again.
  if (spec.restart.retry === 'resume') return [];
  const tries = givenUp?.tries ?? 0;
  return [[{ type: 'service.retry-failed', tries, retryInMs }, 'warning']];
}
