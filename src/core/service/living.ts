/** The states in which the daemon runs: probation and running. */

import { isSameProcess } from '../process.js';
import { cleared, enter, look, stopped } from './enter.js';
import type { Context, In, Input, LookScope, Service, Step } from './record.js';
import { ignore } from './record.js';
import { failure } from './restart.js';
import { stop } from './stop.js';

export function whenProbation(service: In<'probation'>, input: Input, context: Context): Step {
  const { process, deadline } = service.actual;
  if (input.type === 'elapsed' && context.now >= deadline) {
    // Trusted: the row of failures is over. Where we had given up, the window is, too.
    const trusted = service.givenUp === null ? service : cleared(service);
    const next = { ...trusted, inRow: 0, lastProblem: null };
    return [enter(next, { state: 'running', process }, context), []];
  }
  return whenAlive(service, input, context);
}

export const whenRunning = (service: In<'running'>, input: Input, context: Context): Step =>
  whenAlive(service, input, context);

function whenAlive(service: In<'probation'> | In<'running'>, input: Input, context: Context): Step {
  const { process } = service.actual;
  switch (input.type) {
    case 'exited':
      return isSameProcess(input.process, process)
        ? whenDead(service, input, context)
        : ignore(service);
    case 'desired':
      if (service.desired === 'down') return stop(service, process, context);
      return service.desired === 'up'
        ? ignore(service)
        : [enter(cleared(service), { state: 'running', process }, context), []];
    case 'restart':
      return service.desired === 'up' ? stop(service, process, context) : ignore(service);
    default:
      return ignore(service);
  }
}

function whenDead(
  alive: In<'probation'> | In<'running'>,
  input: Extract<Input, { type: 'exited' }>,
  context: Context,
): Step {
  const { process, status, late } = input;
  const expected = alive.desired !== 'up';
  const service: Service = {
    ...alive,
    lastEnd: { process, at: context.wall, status, expected },
  };
  if (expected) return [stopped(service, context), []];
  const scope = whereToLook(alive, late);
  return scope === null
    ? failure(service, null, context)
    : look(service, scope, 'failure', context);
}

/**
 * Where a replacement that we did not start could be: the daemon may have replaced itself (an
 * upgrade in place), or, while we could not look, been restarted by hand. Our own child that has
 * just died has no replacement but the one that we make: null, and nothing delays it.
 */
function whereToLook(service: In<'probation'> | In<'running'>, late: boolean): LookScope | null {
  const { spec } = service;
  if (late) return 'scan';
  // A daemon may fork once more after its first process was seen.
  if (spec.launch.type === 'start' && service.actual.state === 'probation') return 'scan';
  if (spec.pidfile !== null) return 'pidfile';
  return service.leader !== null && isSameProcess(service.leader, service.actual.process)
    ? null
    : 'scan';
}
