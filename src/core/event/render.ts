/** An event's body as the one line that people read. The only place with such sentences. */

import { describeExit } from '../process.js';
import { describeProblem } from '../result.js';
import type { Pid } from '../units.js';
import type { MonitorEvent, ServiceEvent } from './event.js';

/** A length of time for people: "200 ms", "30 s", "5 min", "2 h"; none if it is over. */
export function describeWait(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export function serviceLine(name: string, event: ServiceEvent): string {
  const it = `"${name}"`;
  switch (event.type) {
    case 'service.started':
      return event.again
        ? `${it} was restarted, pid ${event.pid}`
        : `${it} was started, pid ${event.pid}`;
    case 'service.adopted':
      return `${it} ${adopted[event.how]}, pid ${event.pid}`;
    case 'service.resumed':
      return `${it} runs again, pid ${event.pid}: monitoring resumed`;
    case 'service.exited':
      return `${it} (pid ${event.pid}) has ended: ${describeExit(event.status)}`;
    case 'service.starting':
      return `${it} is starting: ${event.command}`;
    case 'service.start-failed':
    case 'service.shortage':
    case 'service.warned':
      return `${it}: ${describeProblem(event.problem)}`;
    case 'service.backoff':
      return `${it} has failed ${event.failures} times in a row: next start in ${describeWait(event.retryInMs)}`;
    case 'service.failed':
      return failedLine(it, event);
    case 'service.retry-failed':
      return `${it} could not be restarted (try ${event.tries}): ${nextTry(event.retryInMs)}`;
    default:
      return quietLine(it, event);
  }
}

/** A single one is where there was nothing to hold it by. */
const whoMatch = (pids: readonly Pid[]): string =>
  pids.length === 1
    ? `process ${pids.join()} matches and cannot be held`
    : `processes ${pids.join(', ')} all match`;

type Loud =
  | 'service.started'
  | 'service.adopted'
  | 'service.resumed'
  | 'service.exited'
  | 'service.starting'
  | 'service.start-failed'
  | 'service.shortage'
  | 'service.warned'
  | 'service.backoff'
  | 'service.failed'
  | 'service.retry-failed';

function quietLine(it: string, event: Exclude<ServiceEvent, { type: Loud }>): string {
  switch (event.type) {
    case 'service.stopping':
      return event.pid === null ? `${it} is stopping` : `${it} (pid ${event.pid}) is stopping`;
    case 'service.stopped':
      return `${it} has stopped`;
    case 'service.waiting':
      return `${it} waits for ${event.for.join(', ')}`;
    case 'service.ambiguous':
      return `${it} is neither adopted nor started: ${whoMatch(event.pids)}`;
    case 'service.unkillable':
      return `${it} (pid ${event.pid}) does not end although it was killed`;
    case 'service.desired':
      return `${it} ${wantedWords[event.desired]} (${event.by})`;
    case 'service.differs':
      return `${it} runs with an older definition until its next start`;
    case 'service.added':
      return `${it} was added`;
    case 'service.forgotten':
      return event.pid === null
        ? `${it} was removed from the configuration`
        : `${it} was removed from the configuration: pid ${event.pid} is left running`;
  }
}

const adopted = {
  found: 'was found running',
  moved: 'has replaced itself',
  resumed: 'runs again: monitoring resumed',
} as const;

const wantedWords = {
  up: 'is to run',
  down: 'is to be stopped',
  unmonitored: 'is not monitored',
} as const;

function failedLine(it: string, event: Extract<ServiceEvent, { type: 'service.failed' }>): string {
  const cause = event.problem === null ? '' : `: ${event.problem.message}`;
  const times = count(event.failures, 'failure');
  const then =
    event.retry === 'resume' && event.retryInMs !== null
      ? `restart it, and monitoring resumes within ${describeWait(event.retryInMs)}`
      : nextTry(event.retryInMs);
  return `${it} has failed and is not restarted (${times})${cause}; ${then}`;
}

const count = (number: number, what: string): string =>
  `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`;

const nextTry = (retryInMs: number | null): string =>
  retryInMs === null ? 'no further try' : `next try in ${describeWait(retryInMs)}`;

/** `message`: the sentence of a notice, which nothing else carries. */
export function monitorLine(event: MonitorEvent, message: string): string {
  switch (event.type) {
    case 'monitor.mode':
      return `mode ${event.mode}`;
    case 'monitor.state-file':
      return event.problem === null
        ? 'the state file is readable again'
        : describeProblem(event.problem);
    case 'monitor.configured':
      return `${count(event.services, 'service')} configured, with ${count(event.problems, 'problem')}`;
    case 'monitor.problem':
      return describeProblem(event.problem);
    case 'monitor.notice':
      return message;
  }
}
