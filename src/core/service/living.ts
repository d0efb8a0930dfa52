/** The states in which the daemon runs: probation and running. */

import { isSameProcess } from '../process.js';
import { cleared, enter, look, stopped } from './enter.js';
import type { Context, In, Input, LookScope, Service, Step } from './record.js';
import { ignore } from './record.js';
import { failure } from './restart.js';
import { stop } from './stop.js';
import { predecessor } from './succession.js';

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

type Alive = In<'probation'> | In<'running'>;

function whenAlive(service: Alive, input: Input, context: Context): Step {
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

function whenDead(alive: Alive, input: Extract<Input, { type: 'exited' }>, context: Context): Step {
  const { process, status, late } = input;
  const expected = alive.desired !== 'up';
  const service: Service = {
    ...alive,
    lastEnd: { process, at: context.wall, status, expected },
    predecessor: predecessor(input, alive.spec, mayForkAgain(alive)),
  };
  if (expected) return [stopped(service, context), []];
  const scope = whereToLook(alive, late);
  return scope === null
    ? failure(service, null, context)
    : look(service, scope, 'failure', context);
}

/**
 * Where a replacement that we did not start could be: the daemon may have replaced itself (an
 * upgrade in place), which its pid file tells, or, while we could not look, been restarted by
 * hand. Where we saw it die and there is no pid file, there is none: null, and nothing delays the
 * restart. A search would find workers that have outlived it, and take one for the daemon.
 */
function whereToLook(alive: Alive, late: boolean): LookScope | null {
  if (late || mayForkAgain(alive)) return 'scan';
  return alive.spec.pidfile === null ? null : 'pidfile';
}

/** A daemon may fork once more after its first process was seen. */
const mayForkAgain = ({ spec, actual }: Alive): boolean =>
  spec.launch.type === 'start' && actual.state === 'probation';
