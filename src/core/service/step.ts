/**
 * The whole behaviour of a service: `step` is total, deterministic and free of effects. What
 * concerns every state alike is answered here, the rest by one function per state.
 */

import { isSameProcess } from '../process.js';
import { hasCome } from '../units.js';
import { announced, continued, elapsed } from './announced-stop.js';
import { isSameSearch } from './digest.js';
import { cleared, refreshed } from './enter.js';
import { whenProbation, whenRunning } from './living.js';
import type { Actual, Context, Input, Service, Step } from './record.js';
import { statusDueAt } from './record.js';
import { whenBackoff, whenFailed, whenStopped } from './resting.js';
import { whenSpawning, whenStarting } from './rising.js';
import type { Spec } from './spec.js';
import { whenStopping } from './stopping.js';

export function step(service: Service, input: Input, context: Context): Step {
  const [next, actions] = take(service, input, context);
  return [isSame(service, next) ? service : next, actions];
}

/**
 * Handlers may give a copy of the record. One in which nothing has changed stays the one it was, so
 * that of a thousand services those that a deadline does not concern are neither announced nor written.
 */
const isSame = (a: Service, b: Service): boolean =>
  a === b || (Object.keys(a) as (keyof Service)[]).every((key) => a[key] === b[key]);

function take(service: Service, input: Input, context: Context): Step {
  switch (input.type) {
    case 'configured':
      return [configured(service, input.spec), []];
    case 'continued':
      return dispatch(refreshed(continued(service, context), context), input, context);
    case 'announced':
      return [announced(service, input.isStopping, context), []];
    case 'reaped':
      return [reaped(service, input), []];
    case 'start':
    case 'restart':
    case 'reset':
      // Whatever it is doing: who says this wants it tried as if it had never failed.
      return dispatch(cleared(service), input, context);
    case 'desired':
      return dispatch({ ...service, desired: input.desired, desiredBy: input.by }, input, context);
    case 'elapsed':
      return settled(service, dispatch(elapsed(service, context), input, context), context);
    default:
      if ('incarnation' in input && input.incarnation !== service.incarnation) {
        return [service, []];
      }
      return dispatch(service, input, context);
  }
}

function dispatch(service: Service, input: Input, context: Context): Step {
  const { actual } = service;
  switch (actual.state) {
    case 'stopped':
      return whenStopped(known(service, actual), input, context);
    case 'spawning':
      return whenSpawning(known(service, actual), input, context);
    case 'starting':
      return whenStarting(known(service, actual), input, context);
    case 'probation':
      return whenProbation(known(service, actual), input, context);
    case 'running':
      return whenRunning(known(service, actual), input, context);
    case 'stopping':
      return whenStopping(known(service, actual), input, context);
    case 'backoff':
      return whenBackoff(known(service, actual), input, context);
    case 'failed':
      return whenFailed(known(service, actual), input, context);
  }
}

/** In a switch TypeScript narrows `actual`, and not the record that it belongs to. */
const known = <A extends Actual>(service: Service, actual: A): Service & { readonly actual: A } =>
  service.actual === actual
    ? (service as Service & { readonly actual: A })
    : { ...service, actual };

/** Another process may be the daemon from now on, also one that ran beside the last. */
const configured = (service: Service, spec: Spec): Service =>
  service.predecessor === null || isSameSearch(service.spec, spec)
    ? { ...service, spec }
    : { ...service, spec, predecessor: null };

/** The kernel tells the status of a stranger only after the restart has been decided. */
function reaped(service: Service, input: Extract<Input, { type: 'reaped' }>): Service {
  const { lastEnd } = service;
  if (lastEnd?.status !== null || !isSameProcess(lastEnd.process, input.process)) return service;
  return { ...service, lastEnd: { ...lastEnd, status: input.status } };
}

/** A status may never come, as from a parent that does not reap: it is not waited for for ever. */
function settled(before: Service, [service, actions]: Step, context: Context): Step {
  const { lastEnd } = service;
  if (lastEnd?.status !== null) return [service, actions];
  const dueAt = statusDueAt(before);
  const isOver =
    service.actual !== before.actual || (dueAt !== null && hasCome(dueAt, context.now));
  if (!isOver) return [service, actions];
  return [{ ...service, lastEnd: { ...lastEnd, status: { type: 'unknown' } } }, actions];
}
