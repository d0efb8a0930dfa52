/**
 * The next monitor while a step makes it. The map of services is copied once for a whole batch of
 * inputs: with a thousand services and five hundred deaths, a copy for each would be the cost.
 */

import type { Input as ServiceInput, Service } from '../service/record.js';
import { lives } from '../service/record.js';
import { step as stepService } from '../service/step.js';
import { after, hasCome } from '../units.js';
import { wanted } from './desired.js';
import type { Action, Context, Monitor } from './monitor.js';

export type Draft = {
  monitor: Omit<Monitor, 'services'>;
  services: ReadonlyMap<string, Service>;
  /** The copy, once there is one; the same map as `services` then. */
  copy: Map<string, Service> | null;
  readonly actions: Action[];
  readonly context: Context;
};

export function draftOf(monitor: Monitor, context: Context): Draft {
  const { services } = monitor;
  return { monitor: { ...monitor, notices: [] }, services, copy: null, actions: [], context };
}

/** Puts the next record of a service in the place of the last one. */
export function put(draft: Draft, service: Service): void {
  draft.copy ??= new Map(draft.services);
  draft.services = draft.copy;
  draft.copy.set(service.spec.name, service);
}

export const finished = ({ monitor, services }: Draft): Monitor => ({ ...monitor, services });

/** Hands an input to one service; a name that is not known (any more) is a stranger's. */
export function tell(draft: Draft, name: string, input: ServiceInput): void {
  const service = draft.services.get(name);
  if (service === undefined) return;
  const missing = missingFor(draft, name);
  const { now, wall } = draft.context;
  const [next, actions] = stepService(service, input, { now, wall, missing });
  if (next !== service) put(draft, next);
  draft.actions.push(...actions);
}

/** Tells a service what is wanted of it now, if that has changed. */
export function want(draft: Draft, name: string): void {
  const service = draft.services.get(name);
  if (service === undefined) return;
  const { stateFile } = draft.monitor;
  const isStopping = stateFile?.daemons.get(name) === 'stopping';
  if (isStopping !== (service.announcedStop !== null)) {
    tell(draft, name, { type: 'announced', isStopping });
  }
  const { desired, by } = wanted(name, service.wish, stateFile);
  if (desired === service.desired && by === service.desiredBy) return;
  tell(draft, name, { type: 'desired', desired, by });
}

/** What a start of this service has to wait for now. */
function missingFor(draft: Draft, name: string): readonly string[] {
  const requires = draft.monitor.requires.get(name) ?? [];
  const followed = draft.monitor.after.get(name) ?? [];
  if (requires.length === 0 && followed.length === 0) return [];
  return [
    ...requires.filter((other) => !isAlive(draft, other)),
    ...followed.filter((other) => !requires.includes(other) && isDue(draft, other)),
  ];
}

function isAlive(draft: Draft, name: string): boolean {
  const service = draft.services.get(name);
  return service !== undefined && lives(service);
}

/**
 * `after` waits only for a start that is under way, or that itself only waits for such a one. There
 * are no circles among requirements, so this comes to an end.
 */
function isDue(draft: Draft, name: string, asked = new Set<string>()): boolean {
  // Had it not been due, nothing that waits for it were, and nobody would ask again.
  if (asked.has(name)) return true;
  asked.add(name);
  const service = draft.services.get(name);
  if (service?.desired !== 'up') return false;
  const { state } = service.actual;
  if (state === 'spawning') return true;
  // Its command and its appearance may take start_timeout each; others wait that long once.
  const patience = after(service.since, service.spec.startTimeout);
  if (state === 'starting') return !hasCome(patience, draft.context.now);
  if (state !== 'stopped' || service.actual.waitingFor.length === 0) return false;
  const requires = draft.monitor.requires.get(name) ?? [];
  return requires.every((other) => isAlive(draft, other) || isDue(draft, other, asked));
}
