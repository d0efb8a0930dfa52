/**
 * The ways into each state, with what has to be done on the way. Handlers decide which way is
 * taken; how it is taken is written here once.
 */

import type { Process } from '../process.js';
import { isSameProcess } from '../process.js';
import type { Problem } from '../result.js';
import type { Instant, Millis } from '../units.js';
import { after, incarnation, instant } from '../units.js';
import { launchDigest } from './digest.js';
import { ambiguousInterval, searchInterval } from './policy.js';
import type { Action, Actual, Context, LookScope, Purpose, Service, Step } from './record.js';

/** Puts a service into a state; `since` is kept while only the phase changes. */
export function enter(service: Service, actual: Actual, context: Context): Service {
  if (service.actual.state === actual.state) return { ...service, actual };
  return { ...service, actual, since: context.now, sinceWall: context.wall };
}

/** A new life begins, or a new question: answers to the old one are strangers' from now on. */
export const renewed = (service: Service): Service => ({
  ...service,
  incarnation: incarnation(service.incarnation + 1),
});

/** Forgets every failure, back-off and interval: it runs, or an operator says try again. */
export const cleared = (service: Service): Service => ({
  ...service,
  failures: [],
  inRow: 0,
  shortages: 0,
  givenUp: null,
  lastProblem: null,
  trouble: outlasts(service) ? service.trouble : null,
});

/** What does not die is said once, however often it is asked for; what could not be stopped runs. */
const outlasts = ({ trouble, desired }: Service): boolean =>
  trouble?.type === 'unkillable' || (trouble?.type === 'ambiguous' && desired === 'down');

export const stopped = (service: Service, context: Context): Service =>
  enter(service, { state: 'stopped', waitingFor: [] }, context);

/** The first step of every start that time has passed before: is it there already? */
export const start = (service: Service, context: Context): Step =>
  look(service, 'scan', 'launch', context);

export function look(
  service: Service,
  scope: LookScope,
  onAbsence: 'launch' | 'failure',
  context: Context,
): Step {
  const looking = { state: 'spawning', phase: 'looking', onAbsence } as const;
  const next = renewed(enter(service, looking, context));
  return [next, [lookAction(next, scope)]];
}

export const lookAction = (service: Service, scope: LookScope): Action => ({
  type: 'look',
  service: service.spec.name,
  incarnation: service.incarnation,
  scope,
});

/** Starts what is known not to run, unless something that it needs is missing. */
export function replace(service: Service, context: Context): Step {
  if (context.missing.length > 0) {
    const waiting = { state: 'stopped', waitingFor: context.missing } as const;
    return [enter(service, waiting, context), leftovers(service)];
  }
  return sweep(renewed(service), context);
}

/** Kills what the last life left behind, where it is ours to kill, and goes on to the launch. */
function sweep(service: Service, context: Context): Step {
  if (service.spec.kill !== 'group') return launch(service, context);
  const deadline = after(context.now, service.spec.stopTimeout);
  const next = enter(service, { state: 'spawning', phase: 'sweeping', deadline }, context);
  return [next, [sweepAction(next)]];
}

const sweepAction = (service: Service): Action => ({
  type: 'sweep',
  service: service.spec.name,
  incarnation: service.incarnation,
  leader: service.leader,
});

/**
 * Kills what the last life left behind although no start follows at once: a worker that goes on
 * would be taken for the daemon by the search that precedes the next start.
 */
export const leftovers = (service: Service): readonly Action[] =>
  service.spec.kill === 'group' ? [sweepAction(service)] : [];

/** Asks for the process, or for the start command. */
export function launch(service: Service, context: Context): Step {
  const purpose = service.spec.launch.type === 'command' ? 'main' : 'start';
  const next: Service = {
    ...enter(service, { state: 'spawning', phase: 'asked' }, context),
    launched: launchDigest(service.spec),
  };
  return [next, [spawnAction(next, purpose)]];
}

export const spawnAction = (service: Service, purpose: Purpose): Action => ({
  type: 'spawn',
  service: service.spec.name,
  incarnation: service.incarnation,
  purpose,
});

/** It was just started: it has to live through probation before it is trusted. */
export function onProbation(service: Service, process: Process, context: Context): Step {
  const deadline = after(context.now, service.spec.probation);
  const next = enter(service, { state: 'probation', process, deadline }, context);
  return [{ ...next, shortages: 0, trouble: null }, []];
}

/**
 * It runs although we did not start it now. Where we had given up, all is forgiven; a row of
 * failures that still goes on ends with a survived probation, whoever started it.
 */
export function adopt(service: Service, process: Process, context: Context): Step {
  const isForgiven = service.givenUp !== null || service.desired !== 'up';
  const known = isForgiven ? cleared(service) : service;
  const byUs = known.leader !== null && isSameProcess(known.leader, process);
  const own: Service = { ...known, launched: byUs ? known.launched : null };
  if (own.inRow > 0) return onProbation(own, process, context);
  return [{ ...enter(own, { state: 'running', process }, context), trouble: null }, []];
}

/** Waits for the daemon to be seen; looks at once, and then as it is told or by search. */
export function appear(
  service: Service,
  rest: Readonly<{ onAbsence: 'failure' | 'start'; problem: Problem | null; scope: LookScope }>,
  context: Context,
): Step {
  const { onAbsence, problem, scope } = rest;
  const next = enter(
    renewed(service),
    {
      state: 'starting',
      phase: 'appearing',
      deadline: after(context.now, service.spec.startTimeout),
      nextLook: nextLook(context),
      onAbsence,
      problem,
    },
    context,
  );
  return [next, [lookAction(next, scope)]];
}

/**
 * When to look again. The folder of a pid file is watched, but nothing tells that a process it
 * names has become the daemon: a script writes the number before the child executes its program.
 * It is the same instant for every service, so that one scan serves all that are searched for.
 */
export const nextLook = ({ now }: Context): Instant =>
  instant((Math.floor(now / searchInterval) + 1) * searchInterval);

/** Several processes match: neither adopted nor started, looked at again later. */
export function ambiguous(
  service: Service,
  pids: readonly Process['pid'][],
  context: Context,
): Step {
  const wait = service.spec.restart.retryInterval ?? ambiguousInterval;
  const next = enter(
    service,
    { state: 'backoff', deadline: after(context.now, wait), wait },
    context,
  );
  return [{ ...next, trouble: { type: 'ambiguous', pids } }, []];
}

/** The same state with its full time again, because we were stopped while it ran out. */
export function refreshed(service: Service, context: Context): Service {
  const { actual } = service;
  const wait = fullWait(service);
  if (wait === null || !('deadline' in actual) || actual.deadline === never) return service;
  return { ...service, actual: { ...actual, deadline: after(context.now, wait) } };
}

/** How long the present state may last; null: as long as it likes. */
function fullWait({ actual, spec, givenUp }: Service): Millis | null {
  switch (actual.state) {
    case 'starting':
      return spec.startTimeout;
    case 'probation':
      return spec.probation;
    case 'spawning':
    case 'stopping':
      return spec.stopTimeout;
    case 'backoff':
      return actual.wait;
    case 'failed':
      return actual.deadline === null ? null : (givenUp?.interval ?? null);
    case 'stopped':
    case 'running':
      return null;
  }
}

/** An instant that never comes, for a wait that hands-off has suspended. */
export const never = instant(Number.MAX_SAFE_INTEGER);
