/** The monitor as clients are shown it: shapes of core/status.ts, nothing but data. */

import { describeExit } from '../process.js';
import { describeProblem, type Problem } from '../result.js';
import { isOverdue, overdueProblem } from '../service/announced-stop.js';
import { reason } from '../service/describe.js';
import { withinWindow } from '../service/policy.js';
import type { Service } from '../service/record.js';
import { deadlineOf, mainProcess } from '../service/record.js';
import type { ServiceDetail, ServiceStatus, Status } from '../status.js';
import type { Instant, WallClock } from '../units.js';
import { differs } from './announce-service.js';
import { statementAgainst } from './desired.js';
import type { Monitor } from './monitor.js';

export type Self = Readonly<{
  pid: number;
  since: WallClock;
  configDiffers: boolean;
  now: Instant;
  wall: WallClock;
}>;

/** What a Date can hold; the rest is shown as the nearest that it can. */
const latest = 8.64e15;
const iso = (at: number): string => new Date(Math.max(-latest, Math.min(at, latest))).toISOString();

export function statusOf(monitor: Monitor, self: Self): Status {
  const problems = [
    ...monitor.configProblems,
    ...(monitor.stateFileProblem === null ? [] : [monitor.stateFileProblem]),
  ];
  return {
    version: 1,
    esmd: {
      pid: self.pid,
      since: iso(self.since),
      mode: monitor.stateFile?.mode ?? 'unknown',
      configProblems: problems.map(describeProblem),
      configDiffers: self.configDiffers,
    },
    services: [...monitor.services.values()].map((service) => serviceStatus(service, self)),
  };
}

export function serviceStatus(service: Service, self: Self): ServiceStatus {
  const { spec, actual, trouble } = service;
  const next = actual.state === 'backoff' || actual.state === 'failed' ? deadlineOf(service) : null;
  return {
    name: spec.name,
    description: spec.description,
    category: spec.category,
    desired: service.desired,
    desiredBy: service.desiredBy,
    state: actual.state,
    pid: mainProcess(service)?.pid ?? null,
    since: iso(service.sinceWall),
    restarts: service.restarts,
    failures: withinWindow(service.failures, spec.restart, self.now).length,
    lastExit: lastExit(service),
    nextRetryAt: next === null ? null : iso(self.wall + (next - self.now)),
    reason: reason(service, self.now),
    differs: differs(service),
    warnings: warningsOf(service).map(describeProblem),
    ambiguous: trouble?.type === 'ambiguous' ? trouble.pids : [],
  };
}

function lastExit({ lastEnd }: Service): ServiceStatus['lastExit'] {
  if (lastEnd === null) return null;
  const { at, status } = lastEnd;
  return {
    at: iso(at),
    code: status?.type === 'code' ? status.code : null,
    signal: status?.type === 'signal' ? status.signal : null,
  };
}

export function serviceDetail(monitor: Monitor, name: string, self: Self): ServiceDetail | null {
  const service = monitor.services.get(name);
  if (service === undefined) return null;
  const { spec } = service;
  return {
    ...serviceStatus(service, self),
    command: spec.launch.type === 'command' ? spec.launch.command : spec.launch.start,
    environment: spec.environment,
    log: spec.log,
    requires: spec.requires,
    requiredBy: [...monitor.requires]
      .filter(([, required]) => required.includes(name))
      .map(([other]) => other),
    why: why(monitor, service, self),
    expectedMs: expected(spec),
  };
}

/** A stop command has as long as the signal after it. */
const expected = ({ startTimeout, probation, stop, stopTimeout }: Service['spec']) => ({
  start: startTimeout + probation,
  stop: stop === null ? stopTimeout : stopTimeout * 2,
});

const warningsOf = (service: Service): readonly Problem[] =>
  isOverdue(service) ? [...service.warnings, overdueProblem(service)] : service.warnings;

/** Desired and by whom; what happened last; what happens next and when. */
function why(monitor: Monitor, service: Service, self: Self): readonly string[] {
  const { lastProblem, spec } = service;
  const because = reason(service, self.now);
  return [
    wish(monitor, service),
    `It is ${service.actual.state} since ${iso(service.sinceWall)}${because === '' ? '' : `: ${because}`}`,
    ending(service),
    ...(lastProblem === null ? [] : [describeProblem(lastProblem)]),
    next(service, self),
    ...(differs(service) ? ['It runs with an older definition until its next start'] : []),
    ...warningsOf(service).map(describeProblem),
    ...(spec.requires.length === 0 ? [] : [`It requires ${spec.requires.join(', ')}`]),
  ];
}

function ending(service: Service): string {
  const { lastEnd, trouble } = service;
  if (lastEnd !== null) {
    const { at, process, status, expected } = lastEnd;
    return `It last ended at ${iso(at)} (pid ${process.pid}): ${describeExit(status ?? { type: 'unknown' })}${expected ? ', as it was meant to' : ''}`;
  }
  // One of several that match may be the daemon.
  return mainProcess(service) === null && trouble?.type !== 'ambiguous'
    ? 'It has not run since esmd knows it'
    : 'It has not ended since esmd knows it';
}

function wish(monitor: Monitor, service: Service): string {
  switch (service.desired) {
    case 'up':
      return `It is to run, by ${service.desiredBy}`;
    case 'down':
      return 'It is not to run, by operator: esmctl start ends that';
    case 'unmonitored':
      return `It is not monitored: ${statementAgainst(service.spec.name, monitor.stateFile)}`;
  }
}

function next(service: Service, self: Self): string {
  const { actual } = service;
  const { state } = actual;
  // While it is to appear, the next look is no news.
  const due = actual.state === 'starting' ? actual.deadline : deadlineOf(service);
  if (due === null || due - self.now > 1e12) {
    if (state === 'failed') return 'Nothing happens until esmctl start, reset or SIGHUP';
    return state === 'running' && service.desired === 'up'
      ? 'If it ends, it is restarted at once'
      : 'Nothing is due';
  }
  return `Next at ${iso(self.wall + (due - self.now))}: ${nextWords(service)}`;
}

function nextWords({ actual, trouble, spec }: Service): string {
  switch (actual.state) {
    case 'failed':
      return spec.restart.retry === 'restart'
        ? 'it is looked for, and started if it does not run'
        : 'it is looked for, and monitored again if it runs';
    case 'backoff':
      return trouble?.type === 'ambiguous'
        ? 'it is looked for, and started if none matches any more'
        : 'it is started again';
    default:
      return plainWords[actual.state];
  }
}

const plainWords = {
  stopped: 'nothing',
  spawning: 'it is started in any case',
  starting: 'its start has taken too long',
  probation: 'it is trusted',
  running: 'nothing',
  stopping: 'it is killed',
} as const;
