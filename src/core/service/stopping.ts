/** The state on the way down. */

import { isSameProcess } from '../process.js';
import type { Pid } from '../units.js';
import { ambiguous, enter, leftovers, look, lookAction, never, stopped } from './enter.js';
import type { Context, In, Input, Service, Step } from './record.js';
import { ignore } from './record.js';
import type { Signalling } from './stop.js';
import { predecessor } from './succession.js';
import { ended, kill, killCommand, signalled, stop, stopLaunch, stopWhatAppeared } from './stop.js';

export function whenStopping(service: In<'stopping'>, input: Input, context: Context): Step {
  if (input.type === 'desired' && service.desired === 'unmonitored') {
    return handsOff(service, context);
  }
  const { actual } = service;
  switch (actual.phase) {
    case 'asking':
      return whenAsking({ ...service, actual }, input, context);
    case 'signalling':
      return whenSignalling({ ...service, actual }, input, context);
    case 'looking':
      return whenLookingForTheLast(service, input, context);
  }
}

type Asking = Service & {
  readonly actual: Extract<In<'stopping'>['actual'], { phase: 'asking' }>;
};

/** The machine took over: whatever was under way is left alone from here on. */
function handsOff(stopping: In<'stopping'>, context: Context): Step {
  const { actual } = stopping;
  const service: Service = { ...stopping, trouble: null };
  if (actual.phase === 'looking') return look(service, 'scan', 'launch', context);
  if (actual.phase === 'signalling' && actual.target === 'start command') {
    const command = actual.process;
    const left = { state: 'starting', phase: 'launching', command, deadline: never } as const;
    return [enter(service, left, context), []];
  }
  const { process } = actual;
  return process === null
    ? [stopped(service, context), []]
    : [enter(service, { state: 'running', process }, context), []];
}

function whenAsking(service: Asking, input: Input, context: Context): Step {
  const { actual } = service;
  switch (input.type) {
    case 'spawned':
      return input.purpose === 'stop'
        ? [{ ...service, actual: { ...actual, command: input.process } }, []]
        : ignore(service);
    case 'unspawned':
      return actual.process === null
        ? ended(service, context)
        : signalled({ ...service, lastProblem: input.problem }, actual.process, 'daemon', context);
    case 'exited':
      return whenOneEnds(service, input, context);
    case 'elapsed':
      return context.now >= actual.deadline
        ? whenAskedLongEnough(service, context)
        : ignore(service);
    default:
      return ignore(service);
  }
}

/**
 * The stop is over when both have ended: a script may still remove a pid file after the daemon is
 * gone, and the daemon may still be busy after the script is.
 */
function whenOneEnds(
  service: Asking,
  input: Extract<Input, { type: 'exited' }>,
  context: Context,
): Step {
  const { process, command } = service.actual;
  if (process !== null && isSameProcess(input.process, process)) {
    const dead = endExpected(service, input, context);
    const alone = { ...dead, actual: { ...service.actual, process: null } };
    return command === null ? ended(alone, context, input.late) : [alone, []];
  }
  if (command === null || !isSameProcess(input.process, command)) return ignore(service);
  if (process === null) return ended(service, context, input.late);
  const hasFailed =
    input.status?.type === 'signal' || (input.status?.type === 'code' && input.status.code !== 0);
  return hasFailed
    ? signalled(service, process, 'daemon', context)
    : [{ ...service, actual: { ...service.actual, command: null } }, []];
}

function whenAskedLongEnough(service: Asking, context: Context): Step {
  const { process, command } = service.actual;
  const [next, actions] =
    process === null ? ended(service, context) : signalled(service, process, 'daemon', context);
  return [next, command === null ? actions : [killCommand(service, command), ...actions]];
}

function whenSignalling(service: Signalling, input: Input, context: Context): Step {
  const { process, target, deadline } = service.actual;
  switch (input.type) {
    case 'exited':
      if (!isSameProcess(input.process, process)) return ignore(service);
      return target === 'start command'
        ? stopWhatAppeared(service, context)
        : ended(endExpected(service, input, context), context, input.late);
    case 'elapsed':
      return context.now >= deadline ? kill(service, context) : ignore(service);
    default:
      return ignore(service);
  }
}

function whenLookingForTheLast(service: Service, input: Input, context: Context): Step {
  switch (input.type) {
    case 'begin':
      return service.desired === 'up'
        ? look(service, 'scan', 'launch', context)
        : stopWhatAppeared(service, context);
    case 'found':
      return stop(service, input.process, context);
    case 'spawned':
      return stopLaunch({ ...service, leader: input.process }, input.process, context);
    case 'absent':
      return ended(service, context);
    case 'ambiguous':
      // One to run again is not started beside them.
      return service.desired === 'up'
        ? ambiguous(service, input.pids, context)
        : whenSeveralAreLeft(service, input.pids, context);
    case 'swept':
      return [service, [lookAction(service, 'scan')]];
    default:
      return ignore(service);
  }
}

/** What of them is ours is killed, and they are looked for again; the others are left alone. */
function whenSeveralAreLeft(service: Service, pids: readonly Pid[], context: Context): Step {
  const sweeps = service.trouble?.type === 'ambiguous' ? [] : leftovers(service);
  const next: Service = { ...service, trouble: { type: 'ambiguous', pids } };
  return sweeps.length > 0 ? [next, sweeps] : [stopped(next, context), []];
}

const endExpected = (
  service: Service,
  input: Extract<Input, { type: 'exited' }>,
  context: Context,
): Service => ({
  ...service,
  lastEnd: {
    process: input.process,
    at: context.wall,
    status: input.status,
    expected: true,
  },
  predecessor: predecessor(input, service.spec),
});
