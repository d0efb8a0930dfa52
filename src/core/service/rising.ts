/** The states on the way up: spawning and starting. */

import { describeExit, isSameProcess } from '../process.js';
import type { Problem } from '../result.js';
import type { Instant } from '../units.js';
import { after } from '../units.js';
import {
  adopt,
  ambiguous,
  appear,
  enter,
  launch,
  look,
  lookAction,
  never,
  nextLook,
  onProbation,
  replace,
  start,
  stopped,
} from './enter.js';
import type { Context, In, Input, LookScope, Service, Step } from './record.js';
import { ignore } from './record.js';
import { searchInterval } from './policy.js';
import { failure, giveUp, shortage } from './restart.js';
import { killCommand, stop, stopLaunch, stopWhatAppeared } from './stop.js';

export function whenSpawning(service: In<'spawning'>, input: Input, context: Context): Step {
  switch (service.actual.phase) {
    case 'looking':
      return whenLooking(service, service.actual.onAbsence, input, context);
    case 'sweeping':
      return whenSweeping(service, service.actual.deadline, input, context);
    case 'asked':
      return whenAsked(service, input, context);
  }
}

function whenLooking(
  service: Service,
  onAbsence: 'launch' | 'failure',
  input: Input,
  context: Context,
): Step {
  switch (input.type) {
    case 'begin':
      return look(service, 'scan', onAbsence, context);
    case 'found':
      return adopt(service, input.process, context);
    case 'absent':
      return whenAbsent(service, onAbsence, context);
    case 'spawned':
      return whenSpawned(service, input, context);
    case 'ambiguous':
      if (service.desired !== 'up') return [stopped(service, context), []];
      // Of a daemon that has died these may be no more than what is left: it is swept, and then
      // looked for again.
      return onAbsence === 'failure' && service.spec.kill === 'group'
        ? failure(service, null, context, searchInterval)
        : ambiguous(service, input.pids, context);
    case 'desired':
      if (service.desired === 'down') return stopWhatAppeared(service, context);
      return ignore(service);
    default:
      return ignore(service);
  }
}

/** It does not run: what that means depends on who wants it to, and on why we looked. */
function whenAbsent(seen: Service, onAbsence: 'launch' | 'failure', context: Context): Step {
  const service = seen.trouble?.type === 'ambiguous' ? { ...seen, trouble: null } : seen;
  if (service.desired !== 'up') return [stopped(service, context), []];
  if (onAbsence === 'failure') return failure(service, null, context);
  const onlyWatches = service.givenUp !== null && service.spec.restart.retry === 'resume';
  return onlyWatches ? giveUp(service, context) : replace(service, context);
}

function whenSweeping(service: Service, deadline: Instant, input: Input, context: Context): Step {
  switch (input.type) {
    case 'begin':
    case 'continued':
      return start(service, context);
    case 'swept':
      return tookTime(service, deadline, context)
        ? start(service, context)
        : launch(service, context);
    case 'elapsed':
      // What cannot be killed is not the daemon itself; it must not keep it down for ever.
      return context.now >= deadline ? launch(service, context) : ignore(service);
    case 'desired':
      return service.desired === 'up' ? ignore(service) : [stopped(service, context), []];
    default:
      return ignore(service);
  }
}

/** Whether others may have started it meanwhile: it has to be looked for again. */
const tookTime = (service: Service, deadline: Instant, { now }: Context): boolean =>
  now - (deadline - service.spec.stopTimeout) >= searchInterval;

function whenAsked(service: Service, input: Input, context: Context): Step {
  switch (input.type) {
    case 'begin':
      // The answer went to the last esmd, so it has to be found out what came of it.
      return service.desired === 'down'
        ? stopWhatAppeared(service, context)
        : look(service, 'scan', 'launch', context);
    case 'spawned':
      return whenSpawned(service, input, context);
    case 'unspawned':
      if (service.desired !== 'up') return [stopped(service, context), []];
      return input.shortage
        ? shortage(service, input.problem, context)
        : failure(granted(service), input.problem, context);
    default:
      // Whatever is wanted by now, the answer has to come first: see whenSpawned.
      return ignore(service);
  }
}

function whenSpawned(
  asked: Service,
  input: Extract<Input, { type: 'spawned' }>,
  context: Context,
): Step {
  const service: Service = {
    ...granted(asked),
    leader: input.process,
    warnings: input.warnings,
    restarts: asked.restarts + (asked.inRow > 0 ? 1 : 0),
  };
  if (input.purpose === 'main') {
    const [born] = onProbation(service, input.process, context);
    if (service.desired === 'down') return stop(born, input.process, context);
    if (service.desired === 'up') return [born, []];
    return [enter(born, { state: 'running', process: input.process }, context), []];
  }
  if (service.desired === 'down') return stopLaunch(service, input.process, context);
  return [launching(service, input.process, context), []];
}

/** The kernel had what it takes: whatever goes wrong from here on has another reason. */
const granted = (service: Service): Service => ({ ...service, shortages: 0, trouble: null });

function launching(
  service: Service,
  command: In<'running'>['actual']['process'],
  context: Context,
) {
  const deadline = service.desired === 'up' ? after(context.now, service.spec.startTimeout) : never;
  return enter(service, { state: 'starting', phase: 'launching', command, deadline }, context);
}

export function whenStarting(service: In<'starting'>, input: Input, context: Context): Step {
  const { actual } = service;
  return actual.phase === 'launching'
    ? whenLaunching({ ...service, actual }, input, context)
    : whenAppearing({ ...service, actual }, input, context);
}

type Launching = Service & {
  readonly actual: Extract<In<'starting'>['actual'], { phase: 'launching' }>;
};
type Appearing = Service & {
  readonly actual: Extract<In<'starting'>['actual'], { phase: 'appearing' }>;
};

function whenLaunching(service: Launching, input: Input, context: Context): Step {
  const { command, deadline } = service.actual;
  switch (input.type) {
    case 'exited':
      if (!isSameProcess(input.process, command)) return ignore(service);
      if (service.desired !== 'up') return look(service, 'scan', 'launch', context);
      return whenLaunched(service, input, context);
    case 'elapsed': {
      if (context.now < deadline) return ignore(service);
      const late = tooLate(service, 'its start command was still running');
      const [next, actions] = appearNow(service, late, context);
      return [next, [killCommand(service, command), ...actions]];
    }
    case 'desired':
      if (service.desired === 'down') return stopLaunch(service, command, context);
      return [launching(service, command, context), []];
    default:
      return ignore(service);
  }
}

/** A script that fails although the daemon runs is a success with a warning, so we look. */
function whenLaunched(
  service: Launching,
  input: Extract<Input, { type: 'exited' }>,
  context: Context,
): Step {
  const { status } = input;
  const hasFailed = status !== null && status.type !== 'unknown' && !isZero(status);
  if (hasFailed) {
    return appearNow(service, startCommandFailed(service, describeExit(status)), context);
  }
  const scope = whereToLook(service);
  return appear(service, { onAbsence: 'failure', problem: null, scope }, context);
}

const isZero = (status: { type: string; code?: number }): boolean =>
  status.type === 'code' && status.code === 0;

const appearNow = (service: Service, problem: Problem, context: Context): Step =>
  appear(service, { onAbsence: 'failure', problem, scope: 'scan' }, context);

function whenAppearing(service: Appearing, input: Input, context: Context): Step {
  switch (input.type) {
    case 'found':
      return service.actual.onAbsence === 'start' || service.desired !== 'up'
        ? adopt(service, input.process, context)
        : onProbation(service, input.process, context);
    case 'spawned':
      // The one that we have just killed, because it took too long, may be seen a last time.
      return service.leader !== null && isSameProcess(service.leader, input.process)
        ? ignore(service)
        : whenSpawned(service, input, context);
    case 'absent':
      return whenNotSeen(service, context);
    case 'ambiguous':
      // It may sort itself out; at the last look one more start would only add to them.
      return service.actual.problem === null
        ? whenNotSeen(service, context)
        : ambiguous(service, input.pids, context);
    case 'stirred':
      return [service, [lookAction(service, 'pidfile')]];
    case 'begin':
      return [service, [lookAction(service, 'scan')]];
    case 'elapsed':
      return whenStillNotSeen(service, context);
    case 'desired':
      return whenWantedOtherwise(service, context);
    case 'start':
    case 'restart':
      // An operator does not wait for somebody else to start it.
      return service.actual.onAbsence === 'start' ? start(service, context) : ignore(service);
    default:
      return ignore(service);
  }
}

function whenWantedOtherwise(service: Appearing, context: Context): Step {
  switch (service.desired) {
    case 'up':
      return ignore(service);
    case 'down':
      return stopWhatAppeared(service, context);
    case 'unmonitored':
      return look(service, 'scan', 'launch', context);
  }
}

function whenNotSeen(service: Appearing, context: Context): Step {
  const { actual } = service;
  if (actual.problem !== null) return failure(service, actual.problem, context);
  return [{ ...service, actual: { ...actual, nextLook: nextLook(context) } }, []];
}

function whenStillNotSeen(service: Appearing, context: Context): Step {
  const { actual } = service;
  if (context.now >= actual.deadline) {
    // The last look is a search: a daemon whose pid file is wrong must not get a second copy.
    return actual.onAbsence === 'start'
      ? start(service, context)
      : appearNow(service, tooLate(service, notSeen(service)), context);
  }
  if (context.now < actual.nextLook) return ignore(service);
  const next = { ...actual, nextLook: nextLook(context) };
  return [{ ...service, actual: next }, [lookAction(service, whereToLook(service))]];
}

/** A pid file names the daemon; reading it costs nothing beside a search. */
const whereToLook = ({ spec }: Service): LookScope => (spec.pidfile === null ? 'scan' : 'pidfile');

const notSeen = (service: Service): string =>
  service.spec.pidfile === null
    ? 'no process matches'
    : `${service.spec.pidfile} names no process that matches`;

const tooLate = (service: Service, what: string): Problem => ({
  code: 'ESM_START_TIMEOUT',
  message: `Cannot start "${service.spec.name}": ${what} after ${service.spec.startTimeout / 1000} s`,
  remedy: 'raise start_timeout if it needs longer',
});

const startCommandFailed = (service: Service, how: string): Problem => ({
  code: 'ESM_START_FAILED',
  message: `Cannot start "${service.spec.name}": its start command ended with ${how}`,
});
