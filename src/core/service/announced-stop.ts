/**
 * A planned stop: the state file says `stopping` from before an init script stops the daemon until
 * after it has ended. A script that dies in between leaves the statement there, and the service out
 * of monitoring for as long as nobody notices; so that is said, once.
 */

import { paths } from '../paths.js';
import type { Problem } from '../result.js';
import { after, hasCome } from '../units.js';
import { announcedStopGrace } from './policy.js';
import type { Context, Service } from './record.js';

/** The state file begins to say `stopping`, or says so no longer. */
export const announced = (service: Service, isStopping: boolean, context: Context): Service => ({
  ...service,
  announcedStop: isStopping ? { overdueAt: overdueAt(service, context) } : null,
});

/** Whether it has said so for too long. */
export const isOverdue = ({ announcedStop }: Service): boolean => announcedStop?.overdueAt === null;

/** Notices that the time for it is over. */
export function elapsed(service: Service, context: Context): Service {
  const at = service.announcedStop?.overdueAt ?? null;
  if (at === null || !hasCome(at, context.now)) return service;
  return { ...service, announcedStop: { overdueAt: null } };
}

/** Its full time again, because we were stopped while it ran out. */
export const continued = (service: Service, context: Context): Service =>
  service.announcedStop === null || isOverdue(service)
    ? service
    : announced(service, true, context);

const overdueAt = ({ spec }: Service, { now }: Context) =>
  after(after(now, spec.stopTimeout), announcedStopGrace);

export const overdueProblem = ({ spec: { name, stopTimeout } }: Service): Problem => ({
  code: 'ESM_STATE_STOPPING',
  message: `Cannot monitor "${name}": the state file has said "daemon ${name} stopping" for more than ${(stopTimeout + announcedStopGrace) / 1000} s`,
  remedy: `if its init script is not at work any more, say ${paths.controlScript} started ${name}, or stopped ${name}`,
});
