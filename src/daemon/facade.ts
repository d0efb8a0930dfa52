/** The daemon as the control server sees it: requests go into the loop, answers come out of it. */

import type { Accepted, Daemon, Verb } from '../control/api.js';
import type { Event } from '../core/event/event.js';
import type { Input, Monitor } from '../core/monitor/monitor.js';
import type { Self } from '../core/monitor/status.js';
import { serviceDetail, statusOf } from '../core/monitor/status.js';
import type { Result } from '../core/result.js';
import { describeProblem, ok } from '../core/result.js';
import type { ServiceDetail, Status } from '../core/status.js';
import type { Sequence } from '../core/units.js';
import { metricsOf } from './metrics.js';

/** How many events are kept for those who ask later. */
const kept = 1000;

/** To make room for each single one would copy a thousand every time. */
const surplus = 100;

export type FacadeParts = Readonly<{
  monitor: () => Monitor;
  self: () => Self;
  post: (input: Input) => void;
  /** The number of the last event that was published, or `base`. */
  last: () => Sequence;
  /** The last number that the esmd before us wrote down, and what ours come after. */
  before: Readonly<{ last: Sequence; base: Sequence }>;
  /** Resolves once everything told so far is on disk, or with why it is not. */
  written: () => Promise<Result<void>>;
  reload: () => Promise<void>;
}>;

export class Facade implements Daemon {
  readonly #parts: FacadeParts;
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #replies = new Map<number, (result: Result<string>) => void>();
  #events: Event[] = [];
  #lastId = 0;

  constructor(parts: FacadeParts) {
    this.#parts = parts;
  }

  status(): Status {
    return statusOf(this.#parts.monitor(), this.#parts.self());
  }

  service(name: string): ServiceDetail | null {
    return serviceDetail(this.#parts.monitor(), name, this.#parts.self());
  }

  async request(
    verb: Verb,
    name: string,
    { force }: { force: boolean },
  ): Promise<Result<Accepted>> {
    const id = (this.#lastId += 1);
    const answer = new Promise<Result<string>>((resolve) => this.#replies.set(id, resolve));
    this.#parts.post({ type: 'request', id, verb, name, force });
    const result = await answer;
    if (!result.ok) return result;
    // A wish that a crash could undo has not been granted, or else that is said.
    const written = await this.#parts.written();
    const accepted = { accepted: true, message: result.value } as const;
    if (written.ok) return ok(accepted);
    const why = describeProblem(written.problem);
    return ok({ ...accepted, warning: `This will be forgotten if esmd ends: ${why}` });
  }

  async reload(): Promise<Result<Accepted>> {
    await this.#parts.reload();
    const problems = this.#parts.monitor().configProblems.length;
    const message =
      problems === 0 ? 'reloaded' : `reloaded; ${problems} problems: see esmctl status`;
    return ok({ accepted: true, message });
  }

  metrics(): string {
    return metricsOf(this.#parts.monitor(), this.#parts.self());
  }

  history(since: Sequence | null): Readonly<{ missed: number; events: readonly Event[] }> {
    const events = this.#events.slice(-kept);
    if (since === null) return { missed: 0, events };
    const { before, last } = this.#parts;
    // The numbers go on from one esmd to the next, but its events do not. Those between the two
    // were never used, as far as anybody knows.
    const forgotten = (events[0]?.sequence ?? last() + 1) - 1;
    const ours = Math.max(0, forgotten - Math.max(since, before.base));
    const missed = ours + Math.max(0, before.last - since);
    return { missed, events: events.filter(({ sequence }) => sequence > since) };
  }

  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Hands new events to everybody who listens. */
  publish(events: readonly Event[]): void {
    this.#events.push(...events);
    if (this.#events.length > kept + surplus) this.#events = this.#events.slice(-kept);
    for (const listener of this.#listeners) {
      for (const event of events) listener(event);
    }
  }

  /** The core's answer to a request. */
  reply(id: number, result: Result<string>): void {
    this.#replies.get(id)?.(result);
    this.#replies.delete(id);
  }
}
