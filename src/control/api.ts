/**
 * What the control server asks of the daemon. The server knows HTTP, limits and sockets; the
 * daemon knows services. docs: esmctl(8), "CONTROL API".
 */

import type { Event } from '../core/event/event.js';
import type { Result } from '../core/result.js';
import type { ServiceDetail, Status } from '../core/status.js';
import type { Sequence } from '../core/units.js';

export type Verb = 'start' | 'stop' | 'restart' | 'reset';

/**
 * The answer to a request that changes something. `accepted` is given once the wish is on disk, or
 * else with a `warning`;
 * the outcome is read from the status. Refusals and unknown names are problems:
 * `ESM_REFUSED` → 409, `ESM_UNKNOWN_SERVICE` → 404, anything else → 500.
 */
export type Accepted = Readonly<{ accepted: true; message: string; warning?: string }>;

export interface Daemon {
  /**
   * Everybody may read it: no reason, warning or problem in it, nor the `why` of a service or the
   * message of an event, may quote arguments or an environment.
   */
  status(): Status;
  service(name: string): ServiceDetail | null;
  request(verb: Verb, name: string, options: { force: boolean }): Promise<Result<Accepted>>;
  /** Reads configuration and state file again, as SIGHUP does. */
  reload(): Promise<Result<Accepted>>;
  /** OpenMetrics text. */
  metrics(): string;
  /**
   * Events after `since` that are still kept, and how many older ones were missed; null: all that
   * are kept. An event is in the history before it is published to subscribers.
   */
  history(since: Sequence | null): Readonly<{ missed: number; events: readonly Event[] }>;
  /** Calls `listener` for every event from now on; the returned function ends that. */
  subscribe(listener: (event: Event) => void): () => void;
}
