/**
 * What a failure means: start again at once, wait, or give up. Nothing else decides this.
 *
 * A failure is a death that nobody asked for, a start command that fails or takes too long, or an
 * executable that cannot be run. A lack of resources is not one: it says nothing about the
 * service, and is waited out for ever.
 */

import type { Problem } from '../result.js';
import { after, millis } from '../units.js';
import { enter, leftovers, replace } from './enter.js';
import { backoffDelay, isTooMany, nextInterval, shortageDelay, withinWindow } from './policy.js';
import type { Context, Service, Step } from './record.js';

/** Counts a failure of a service that is known not to run now. `least`: waits so long anyway. */
export function failure(
  service: Service,
  problem: Problem | null,
  context: Context,
  least = millis(0),
): Step {
  const policy = service.spec.restart;
  const counted: Service = {
    ...service,
    failures: [...withinWindow(service.failures, policy, context.now), context.now],
    inRow: service.inRow + 1,
    lastProblem: problem,
  };
  const wait = millis(Math.max(backoffDelay(counted.inRow, policy), least));
  const isOver = counted.givenUp !== null || isTooMany(counted.failures, counted.inRow, policy);
  if (isOver) return swept(giveUp(counted, context));
  return wait > 0 ? swept(backOff(counted, wait, context)) : replace(counted, context);
}

const swept = ([next, actions]: Step): Step => [next, [...actions, ...leftovers(next)]];

/** A start that the kernel had no resources for: not counted, waited out, said once. */
export function shortage(service: Service, problem: Problem, context: Context): Step {
  const shortages = service.shortages + 1;
  const next: Service = { ...service, shortages, trouble: { type: 'shortage', problem } };
  return backOff(next, shortageDelay(shortages, service.spec.restart), context);
}

/** Gives up; or, where nothing came of a look or a try after that, the next one is due later. */
export function giveUp(service: Service, context: Context): Step {
  const { givenUp: last, spec } = service;
  const base = spec.restart.retryInterval;
  const grows = last !== null && spec.restart.retry === 'restart';
  const interval = base !== null && grows ? nextInterval(last.interval, base) : base;
  const next: Service = {
    ...service,
    givenUp: { tries: last === null ? 0 : last.tries + 1, interval: interval ?? millis(0) },
  };
  const deadline = interval === null ? null : after(context.now, interval);
  return [enter(next, { state: 'failed', deadline }, context), []];
}

function backOff(service: Service, wait: ReturnType<typeof millis>, context: Context): Step {
  const deadline = after(context.now, wait);
  return [enter(service, { state: 'backoff', deadline, wait }, context), []];
}
