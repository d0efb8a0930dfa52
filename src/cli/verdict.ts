/** What a status says to a yes-or-no question, and what has come of a request; pure. */

import type { Verb } from './client.js';
import type { ServiceDetail, ServiceStatus } from '../core/status.js';

/** Whether it runs, trusted or still on probation. */
export const runs = ({ state }: ServiceStatus): boolean =>
  state === 'running' || state === 'probation';

/** Nobody was named: the question is whether all is as it is wanted. */
export const isAsWanted = (service: ServiceStatus): boolean =>
  service.desired !== 'up' || runs(service);

/** `pending`: nothing has been decided yet. */
export type Outcome =
  | Readonly<{ type: 'done'; text: string }>
  | Readonly<{ type: 'no'; text: string }>
  | Readonly<{ type: 'pending' }>;

const pending: Outcome = { type: 'pending' };

/**
 * What has come of `verb`, given the service before it was asked and now. A state counts as an
 * outcome only if it was entered after the request: a service that had failed before "start" is
 * not an answer to it.
 */
export function outcomeOf(verb: Verb, before: ServiceDetail, now: ServiceDetail): Outcome {
  if (verb === 'reset') return { type: 'done', text: `${now.name}: ${now.state}` };
  if (verb === 'stop') return stopOutcome(now);
  const { state, name, reason } = now;
  if (now.desired !== 'up') {
    return { type: 'no', text: `${name}: ${now.desired} by ${now.desiredBy} meanwhile` };
  }
  const isNew = now.since !== before.since || now.pid !== before.pid || state !== before.state;
  if (state === 'running' && (isNew || verb === 'start')) {
    return { type: 'done', text: `${name}: running, pid ${now.pid ?? 'unknown'}` };
  }
  if (state === 'failed' && isNew) return { type: 'no', text: `${name}: failed: ${reason}` };
  return pending;
}

function stopOutcome({ state, desired, desiredBy, name, ...now }: ServiceDetail): Outcome {
  if (state === 'stopped') {
    return now.ambiguous.length === 0
      ? { type: 'done', text: `${name}: stopped` }
      : { type: 'no', text: `${name}: not stopped: ${now.reason}` };
  }
  return desired === 'up'
    ? { type: 'no', text: `${name}: wanted up by ${desiredBy} meanwhile` }
    : pending;
}

/** What is said when nothing was decided in time. */
export const lateText = ({ name, state, reason }: ServiceDetail, afterMs: number): string =>
  `${name}: still ${state} after ${Math.round(afterMs / 1000)} s: ${reason}`;

/** Back-offs between tries come on top of the start itself. */
const sparesMs = 10_000;

/** How long the outcome of `verb` may take at most, by the service's own timeouts. */
export function patienceMs(verb: Verb, { expectedMs }: ServiceDetail): number {
  const { start, stop } = expectedMs;
  if (verb === 'stop') return stop + sparesMs;
  return (verb === 'restart' ? start + stop : start) + sparesMs;
}
