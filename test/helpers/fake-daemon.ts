/** A daemon for the control server: answers what it is told to, and remembers what it was asked. */

import type { Accepted, Daemon, Verb } from '../../src/control/api.js';
import type { Event, MonitorEvent, ServiceEvent } from '../../src/core/event/event.js';
import { failed, ok, type Result } from '../../src/core/result.js';
import type { ServiceDetail, ServiceStatus, Status } from '../../src/core/status.js';
import { sequence, wallClock, type Sequence } from '../../src/core/units.js';

export const aTime = '2026-03-01T12:00:00.000Z';

export function aService(name: string, changes: Partial<ServiceDetail> = {}): ServiceDetail {
  return {
    name,
    description: `the ${name}`,
    category: name,
    desired: 'up',
    desiredBy: 'configuration',
    state: 'running',
    pid: 4711,
    since: aTime,
    restarts: 0,
    failures: 0,
    lastExit: null,
    nextRetryAt: null,
    reason: 'running',
    differs: false,
    warnings: [],
    ambiguous: [],
    command: [`/usr/sbin/${name}`, '--password', 'secret-argument'],
    environment: { TOKEN: 'secret-environment' },
    log: `/var/log/esmd/${name}.log`,
    requires: [],
    requiredBy: [],
    why: [`${name} is running`],
    expectedMs: { start: 31_000, stop: 10_000 },
    ...changes,
  };
}

type Asked = Readonly<{ verb: Verb | 'reload'; name: string; force: boolean }>;

export class FakeDaemon implements Daemon {
  readonly services = new Map<string, ServiceDetail>();
  readonly asked: Asked[] = [];
  readonly listeners = new Set<(event: Event) => void>();
  mode: Status['esmd']['mode'] = 'run';
  configProblems: readonly string[] = [];
  kept = 1000;
  /** What a request leads to; the default is that it happens at once. */
  onRequest: (asked: Asked) => Result<Accepted> | Promise<Result<Accepted>> = (asked) =>
    this.obey(asked);
  /** Set to make every question fail as a bug would. */
  bug: Error | null = null;
  #events: Event[] = [];
  #sequence = 0;

  constructor(...services: readonly ServiceDetail[]) {
    for (const service of services) this.services.set(service.name, service);
  }

  status(): Status {
    if (this.bug !== null) throw this.bug;
    return {
      version: 1,
      esmd: {
        pid: 1000,
        since: aTime,
        mode: this.mode,
        configProblems: this.configProblems,
        configDiffers: false,
      },
      services: [...this.services.values()].map(statusOf),
    };
  }

  service(name: string): ServiceDetail | null {
    return this.services.get(name) ?? null;
  }

  async request(
    verb: Verb,
    name: string,
    { force }: { force: boolean },
  ): Promise<Result<Accepted>> {
    this.asked.push({ verb, name, force });
    if (!this.services.has(name)) {
      return failed({ code: 'ESM_UNKNOWN_SERVICE', message: `Cannot ${verb} "${name}"` });
    }
    return this.onRequest({ verb, name, force });
  }

  async reload(): Promise<Result<Accepted>> {
    this.asked.push({ verb: 'reload', name: '', force: false });
    return this.onRequest({ verb: 'reload', name: '', force: false });
  }

  metrics(): string {
    return '# TYPE esmd_up gauge\nesmd_up 1\n# EOF\n';
  }

  history(since: Sequence | null): Readonly<{ missed: number; events: readonly Event[] }> {
    const events = this.#events.filter((event) => since === null || event.sequence > since);
    const expected = since === null ? events.length : Math.max(0, this.#sequence - since);
    return { missed: expected - events.length, events };
  }

  subscribe(listener: (event: Event) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(service: string | null, body: ServiceEvent | MonitorEvent, message?: string): Event {
    this.#sequence += 1;
    const event: Event = {
      sequence: sequence(this.#sequence),
      at: wallClock(Date.parse(aTime) + this.#sequence),
      service,
      severity: 'info',
      message: message ?? `${service ?? 'esmd'}: ${body.type}`,
      body,
    };
    this.#events = [...this.#events, event].slice(-this.kept);
    for (const listener of this.listeners) listener(event);
    return event;
  }

  /** Changes a service and publishes that. */
  change(name: string, changes: Partial<ServiceDetail>, body: ServiceEvent): void {
    const before = this.services.get(name);
    if (before === undefined) throw new Error(`No service "${name}"`);
    this.services.set(name, { ...before, ...changes });
    this.publish(name, body);
  }

  obey({ verb, name }: Asked): Result<Accepted> {
    if (verb === 'stop') {
      this.change(name, { desired: 'down', state: 'stopped', pid: null, since: later() }, stopped);
    } else if (verb !== 'reload') {
      const pid = (this.services.get(name)?.pid ?? 100) + 1;
      this.change(name, { desired: 'up', state: 'running', pid, since: later() }, stopped);
    }
    return ok({ accepted: true, message: `${verb} ${name} accepted` });
  }
}

const stopped: ServiceEvent = { type: 'service.stopped' };
let count = 0;
const later = (): string => new Date(Date.parse(aTime) + ++count * 1000).toISOString();

/** Without what only the detail has. */
function statusOf(detail: ServiceDetail): ServiceStatus {
  const hidden = new Set(['command', 'environment', 'log', 'requires', 'requiredBy', 'why']);
  const shown = Object.entries(detail).filter(([key]) => !hidden.has(key));
  return Object.fromEntries(shown) as ServiceStatus;
}
