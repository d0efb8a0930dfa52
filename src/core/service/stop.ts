/**
 * The stop schedule: the stop command until its time is over, then the stop signal, then SIGKILL
 * again and again. A daemon that cannot be killed stays `stopping`; it never gets a second copy.
 */

import type { Process } from '../process.js';
import { isSameProcess } from '../process.js';
import { after } from '../units.js';
import { enter, leftovers, look, lookAction, renewed, spawnAction, stopped } from './enter.js';
import type { Action, Actual, Context, Service, Step } from './record.js';

/** A stop that has come to signals. */
export type Signalling = Service & {
  readonly actual: Extract<Actual, { state: 'stopping'; phase: 'signalling' }>;
};

/** Begins to stop the daemon's process. */
export function stop(service: Service, process: Process, context: Context): Step {
  if (service.spec.stop === null) return signalled(service, process, 'daemon', context);
  const deadline = after(context.now, service.spec.stopTimeout);
  const next = enter(
    renewed(service),
    { state: 'stopping', phase: 'asking', process, command: null, deadline },
    context,
  );
  return [next, [spawnAction(next, 'stop')]];
}

/** Breaks off a start: the start command's group first, then whatever daemon came of it. */
export const stopLaunch = (service: Service, command: Process, context: Context): Step =>
  signalled(service, command, 'start command', context);

/** One look for a daemon that should not run. */
export function stopWhatAppeared(service: Service, context: Context): Step {
  const looking = { state: 'stopping', phase: 'looking' } as const;
  const next: Service = { ...enter(renewed(service), looking, context), trouble: null };
  return [next, [lookAction(next, 'scan')]];
}

export function signalled(
  service: Service,
  process: Process,
  target: 'daemon' | 'start command',
  context: Context,
): Step {
  const deadline = after(context.now, service.spec.stopTimeout);
  const next = enter(
    service,
    { state: 'stopping', phase: 'signalling', process, target, kills: 0, deadline },
    context,
  );
  // A stopped process acts on no signal but KILL and CONT: signal(7).
  const signals = [service.spec.stopSignal, 'CONT'] as const;
  return [next, signals.map((signal) => signalAction(service, process, target, signal))];
}

/** SIGKILL, and again each time it is still there after as long as a stop may take. */
export function kill(service: Signalling, context: Context): Step {
  const { actual } = service;
  const kills = actual.kills + 1;
  const deadline = after(context.now, service.spec.stopTimeout);
  const next: Service = {
    ...service,
    actual: { ...actual, kills, deadline },
    // The second KILL means that the first had its time and no effect.
    trouble: kills > 1 ? { type: 'unkillable', pid: actual.process.pid } : service.trouble,
  };
  return [next, [signalAction(service, actual.process, actual.target, 'KILL')]];
}

/** SIGKILL for a command of ours that hangs; its group is its own. */
export const killCommand = (service: Service, command: Process): Action => ({
  type: 'signal',
  service: service.spec.name,
  process: command,
  signal: 'KILL',
  scope: 'group',
});

/**
 * The daemon has ended as it should: what it left is killed, and a restart goes on. `late`: others
 * may have started it meanwhile. Otherwise a search could only find children that outlive it.
 */
export function ended(service: Service, context: Context, late = false): Step {
  const calm: Service = { ...service, trouble: null };
  if (calm.desired === 'up') return look(calm, late ? 'scan' : 'pidfile', 'launch', context);
  const next = stopped(calm, context);
  return [next, next.desired === 'down' ? leftovers(next) : []];
}

/**
 * The group is signalled where it is ours: the session of a process that we started. Daemons that
 * put themselves into the background have a session we know nothing of.
 */
function signalAction(
  service: Service,
  process: Process,
  target: 'daemon' | 'start command',
  signal: Extract<Action, { type: 'signal' }>['signal'],
): Action {
  const isLeader = service.leader !== null && isSameProcess(service.leader, process);
  const group = target === 'start command' || (isLeader && service.spec.kill === 'group');
  const scope = group ? 'group' : 'process';
  return { type: 'signal', service: service.spec.name, process, signal, scope };
}
