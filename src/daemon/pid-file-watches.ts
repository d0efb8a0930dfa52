/** Watches the pid files of daemons that are expected to appear, and no others. */

import type { Monitor } from '../core/monitor/monitor.js';
import type { Service } from '../core/service/record.js';
import { watchFile, type Watch } from '../os/watch.js';

export class PidFileWatches {
  readonly #watches = new Map<string, Readonly<{ path: string; watch: Watch }>>();
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
    if (this.#watches.get(name)?.path === path) return;
    this.#end(name);
    if (path === null) return;
    this.#watches.set(name, { path, watch: watchFile(path, () => this.#stirred(name)) });
    // It may have been written between the last look and the first watch.
    this.#stirred(name);
  }

  #end(name: string): void {
    this.#watches.get(name)?.watch.close();
    this.#watches.delete(name);
  }
}

const appears = ({ actual }: Service): boolean =>
  actual.state === 'starting' && actual.phase === 'appearing';
