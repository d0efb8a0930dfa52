/** Taking over from the last esmd: its table, and which of the processes in it still live. */

import type { Input, Monitor } from '../core/monitor/monitor.js';
import { emptyMonitor } from '../core/monitor/monitor.js';
import type { Process } from '../core/process.js';
import type { Service } from '../core/service/record.js';
import { processesOf } from '../core/service/record.js';
import { incarnation } from '../core/units.js';
import type { Clock, Exits } from '../os/os.js';
import type { HeldProcesses } from './held-processes.js';

export type Restored = Readonly<{
  monitor: Monitor;
  /** The ends that nobody saw. */
  inputs: readonly Input[];
}>;

/** Known by number, start time and boot alone: whoever has all three is the process we left. */
export function restore(
  services: readonly Service[],
  { exits, clock }: Readonly<{ exits: Exits; clock: Clock }>,
  held: HeldProcesses,
): Restored {
  const inputs: Input[] = [];
  for (const service of services) {
    for (const process of processesOf(service)) {
      if (holdAgain(process, service.spec.name, exits, held)) continue;
      // Nobody is left who could tell how it ended.
      const status = { type: 'unknown' } as const;
      const seenAt = clock.bootTicks();
      const input = { type: 'exited', process, status, late: true, seenAt } as const;
      inputs.push({ type: 'service', name: service.spec.name, input });
    }
  }
  const known = services.map((service) => [service.spec.name, unanswered(service)] as const);
  return { monitor: { ...emptyMonitor, services: new Map(known) }, inputs };
}

/**
 * A start that was about to be asked for may have been made, under the number of this life. It is
 * looked for under the next number, and what bears that one or a later one is news: see Look.
 */
function unanswered(service: Service): Service {
  const { actual } = service;
  const isNews = actual.state === 'spawning' && actual.phase !== 'looking';
  return isNews ? { ...service, incarnation: incarnation(service.incarnation - 1) } : service;
}

function holdAgain(process: Process, service: string, exits: Exits, held: HeldProcesses): boolean {
  const opened = exits.hold(process.pid, 'adopted');
  if (!opened.ok) return false;
  if (opened.value.startTime !== process.startTime) {
    opened.value.release();
    return false;
  }
  held.add(opened.value, service);
  return true;
}
