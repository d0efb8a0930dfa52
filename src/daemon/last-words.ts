/**
 * A bug ends this process, not the supervision: the table is written, and init starts the next
 * one. That may repeat itself, and init must not lose patience.
 */

import { exitCode } from './exit-code.js';
import type { Log, LogDestination } from './log.js';
import { patienceMs, storyOf } from './slow-exit.js';

export class LastWords {
  readonly #log: Log;
  readonly #destination: LogDestination;
  #writeTable: () => void = () => undefined;
  #mayHurry = false;

  /** From now on every bug ends here. */
  constructor(log: Log, destination: LogDestination) {
    this.#log = log;
    this.#destination = destination;
    process.on('uncaughtException', this.say);
    process.on('unhandledRejection', this.say);
    // Node's own go to stderr.
    process.on('warning', ({ name, message }) => log.warning(`${name} of Node.js: ${message}`));
  }

  /** This start is counted, so that a next one knows when to be slow. */
  hurry(): void {
    this.#mayHurry = true;
  }

  /** What is to be written down from now on. */
  write(table: () => void): void {
    this.#writeTable = table;
  }

  readonly say = (error: unknown): never => {
    try {
      this.#log.critical(`esmd ends because of a bug: ${storyOf(error)}`);
      this.#writeTable();
      this.#destination.close();
      if (!this.#mayHurry) sleepHere(patienceMs);
    } finally {
      process.exit(exitCode.software);
    }
  };
}

/** Nothing else runs any more: after a bug nobody knows what it would do. */
function sleepHere(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
