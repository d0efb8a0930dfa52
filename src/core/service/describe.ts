/** A record in words: for `status` in one sentence, for `why` in several. */

import { describeWait } from '../event/render.js';
import { describeExit } from '../process.js';
import type { Instant, Pid } from '../units.js';
import { never } from './enter.js';
import type { Actual, Service } from './record.js';

/** Why it is in this state, or what it waits for; no full stop, empty if nothing is to be said. */
export function reason(service: Service, now: Instant): string {
  const { actual, trouble } = service;
  if (trouble?.type === 'ambiguous') return whoMatch(trouble.pids);
  switch (actual.state) {
    case 'stopped':
      return whyStopped(service, actual);
    case 'spawning':
      return 'being started';
    case 'starting':
      return whyStarting(service, actual, now);
    case 'probation':
      return `on probation for ${describeWait(actual.deadline - now)} more`;
    case 'running':
      return service.desired === 'unmonitored' ? `not monitored (${service.desiredBy})` : '';
    case 'stopping':
      return trouble?.type === 'unkillable'
        ? 'does not end although it was killed'
        : 'being stopped';
    case 'backoff':
      return `${cause(service)}; next start in ${describeWait(actual.deadline - now)}`;
    case 'failed':
      return whyFailed(service, actual.deadline, now);
  }
}

const whoMatch = (pids: readonly Pid[]): string =>
  pids.length === 1
    ? `process ${pids.join()} matches and cannot be held`
    : `several processes match: ${pids.join(', ')}`;

function whyStopped(service: Service, actual: Extract<Actual, { state: 'stopped' }>): string {
  if (actual.waitingFor.length > 0) return `waits for ${actual.waitingFor.join(', ')}`;
  if (service.desired === 'down') return 'stopped by an operator';
  return service.desired === 'unmonitored' ? `not monitored (${service.desiredBy})` : '';
}

function whyStarting(
  service: Service,
  actual: Extract<Actual, { state: 'starting' }>,
  now: Instant,
): string {
  const left = describeWait(actual.deadline - now);
  if (actual.phase === 'launching') {
    const most = actual.deadline === never ? '' : `, for ${left} more at most`;
    return `its start command runs${most}`;
  }
  const what = service.spec.pidfile ?? 'its process';
  return `waits for ${what} to appear, for ${left} more at most`;
}

function whyFailed(service: Service, deadline: Instant | null, now: Instant): string {
  if (deadline === null) return `${cause(service)}; given up for good`;
  const wait = describeWait(deadline - now);
  return service.spec.restart.retry === 'resume'
    ? `${cause(service)}; looked for again in ${wait}`
    : `${cause(service)}; next try in ${wait}`;
}

/** What went wrong last. */
function cause({ lastProblem, lastEnd, trouble, inRow, failures }: Service): string {
  if (trouble?.type === 'shortage') return trouble.problem.message;
  if (lastProblem !== null) return lastProblem.message;
  const times = Math.max(inRow, failures.length);
  const end = lastEnd === null ? '' : ` (${describeExit(lastEnd.status ?? { type: 'unknown' })})`;
  return `ended ${times === 1 ? 'once' : `${times} times`}${end}`;
}
