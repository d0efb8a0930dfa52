/** The states in which nothing of the service runs: stopped, backoff, failed. */

import { appear, cleared, enter, look, start, stopped } from './enter.js';
import type { Context, In, Input, Service, Step } from './record.js';
import { ignore } from './record.js';
import { stopWhatAppeared } from './stop.js';

export function whenStopped(service: In<'stopped'>, input: Input, context: Context): Step {
  switch (input.type) {
    case 'begin':
      // An operator's stop is not undone by looking for what somebody started in spite of it.
      return service.desired === 'down'
        ? ignore(service)
        : look(service, 'scan', 'launch', context);
    case 'desired':
      return desiredWhileStopped(service, context);
    case 'start':
    case 'restart':
    case 'reset':
      return service.desired === 'up' ? start(service, context) : ignore(service);
    case 'reconsider':
      return reconsider(service, context);
    case 'said-to-run':
      return service.actual.waitingFor.length > 0 ? saidToRun(service, context) : ignore(service);
    default:
      return ignore(service);
  }
}

function desiredWhileStopped(service: In<'stopped'>, context: Context): Step {
  if (service.desired === 'unmonitored') return [{ ...stoppedForGood(service), trouble: null }, []];
  if (service.desired === 'down') {
    return isAmbiguous(service)
      ? stopWhatAppeared(service, context)
      : [stoppedForGood(service), []];
  }
  const calm = cleared(service);
  return service.desiredBy === 'state file' ? saidToRun(calm, context) : start(calm, context);
}

/**
 * `started NAME` may come before the daemon is there, or after: we look for as long as a start may
 * take before we start it ourselves.
 */
const saidToRun = (service: Service, context: Context): Step =>
  appear(service, { onAbsence: 'start', problem: null, scope: 'scan' }, context);

/** Of processes that could not be told apart one may be left by now, or none. */
const isAmbiguous = ({ trouble }: Service): boolean => trouble?.type === 'ambiguous';

const stoppedForGood = (service: In<'stopped'>): Service => ({
  ...service,
  actual: { state: 'stopped', waitingFor: [] },
});

function reconsider(service: In<'stopped'>, context: Context): Step {
  if (service.desired !== 'up' || service.actual.waitingFor.length === 0) return ignore(service);
  if (context.missing.length === 0) return start(service, context);
  if (context.missing.join() === service.actual.waitingFor.join()) return ignore(service);
  return [enter(service, { state: 'stopped', waitingFor: context.missing }, context), []];
}

export function whenBackoff(service: In<'backoff'>, input: Input, context: Context): Step {
  switch (input.type) {
    case 'elapsed':
      return context.now >= service.actual.deadline ? start(service, context) : ignore(service);
    default:
      return whenWaiting(service, input, context);
  }
}

export function whenFailed(service: In<'failed'>, input: Input, context: Context): Step {
  const { deadline } = service.actual;
  switch (input.type) {
    case 'elapsed':
      return deadline !== null && context.now >= deadline
        ? look(service, 'scan', 'launch', context)
        : ignore(service);
    default:
      return whenWaiting(service, input, context);
  }
}

/**
 * An operator, or HUP, ends the waiting at once; so does the wish that it should not run. Where an
 * init script has started it, its failures are forgotten only once it is seen to run: a script that
 * fails every minute must not make us give up every minute.
 */
function whenWaiting(service: In<'backoff'> | In<'failed'>, input: Input, context: Context): Step {
  switch (input.type) {
    case 'start':
    case 'restart':
    case 'reset':
      return start(service, context);
    case 'said-to-run':
      return saidToRun(service, context);
    case 'desired':
      if (service.desired === 'up') return ignore(service);
      return service.desired === 'down' && isAmbiguous(service)
        ? stopWhatAppeared(cleared(service), context)
        : [stopped(cleared(service), context), []];
    default:
      return ignore(service);
  }
}
