/** Watches the pid files of daemons that are expected to appear, and no others. */

import type { Monitor } from '../core/monitor/monitor.js';
import type { Service } from '../core/service/record.js';
import { watchFile } from '../os/watch.js';

export class PidFileWatches {
  readonly #watches = new Map<string, { close(): void }>();
  readonly #stirred: (service: string) => void;

  constructor(stirred: (service: string) => void) {
    this.#stirred = stirred;
  }

  /** After each turn: a watch for each service that waits for its pid file. */
  follow(before: Monitor, after: Monitor): void {
    for (const [name, service] of after.services) {
      if (service === before.services.get(name)) continue;
      if (appears(service)) this.#watch(name, service.spec.pidfile);
      else this.#end(name);
    }
    for (const name of this.#watches.keys()) {
      if (!after.services.has(name)) this.#end(name);
    }
  }

  #watch(name: string, path: string | null): void {
    if (path === null || this.#watches.has(name)) return;
    this.#watches.set(
      name,
      watchFile(path, () => this.#stirred(name)),
    );
    // It may have been written between the last look and the first watch.
    this.#stirred(name);
  }

  #end(name: string): void {
    this.#watches.get(name)?.close();
    this.#watches.delete(name);
  }
}

const appears = ({ actual }: Service): boolean =>
  actual.state === 'starting' && actual.phase === 'appearing';
