/** Keeps the table on disk up with the monitor: one write at a time, never more than is needed. */

import type { Monitor } from '../core/monitor/monitor.js';
import { ok, type Problem, type Result } from '../core/result.js';
import type { Sequence } from '../core/units.js';
import { replaceFile, replaceFileSync } from '../os/file-replace.js';
import type { TableWriter } from './table.js';

/** What a burst of changes is gathered for; an operator's answer does not wait for it. */
const gatherMs = 50;
/** So often it is put off while starts wait for their turn: none is held up by words about it. */
const mostPutOff = 20;
/** So many records take some milliseconds; the event loop has a round before the next ones. */
const encodedAtOnce = 100;
/** What could not be written is tried again, as nothing else may change for a long time. */
const firstRetryMs = 1000;
const lastRetryMs = 30_000;

type Waiting = (written: Result<void>) => void;
type State = Readonly<{ monitor: Monitor; last: Sequence }>;

export class TableKeeper {
  readonly #path: string;
  readonly #writer: TableWriter;
  readonly #onProblem: (problem: Problem | null) => void;
  readonly #isBusy: () => boolean;
  #putOff = 0;
  #latest: State | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;
  /** Whether the timer is for a change, and not for another try. */
  #isGathering = false;
  #retryMs = firstRetryMs;

  /**
   * `onProblem` is told of each failed write, and null of each that succeeded. `isBusy`: whether
   * there is something more urgent to do than to write.
   */
  constructor(
    path: string,
    writer: TableWriter,
    onProblem: (problem: Problem | null) => void,
    isBusy: () => boolean = () => false,
  ) {
    this.#path = path;
    this.#writer = writer;
    this.#onProblem = onProblem;
    this.#isBusy = isBusy;
  }

  changed(state: State): void {
    this.#latest = state;
    if (this.#isGathering || this.#isWriting) return;
    this.#isGathering = true;
    this.#writeIn(gatherMs);
  }

  /** Resolves when what was told last is on disk, or with why it could not be written. */
  async written(): Promise<Result<void>> {
    const done = new Promise<Result<void>>((resolve) => this.#waiting.push(resolve));
    if (!this.#isWriting) this.#write();
    return done;
  }

  /** Last words. */
  writeNow({ monitor, last }: State): Result<void> {
    this.#disarm();
    return replaceFileSync(this.#path, this.#writer.encode(monitor, last, 'last words'), 0o600);
  }

  #write(): void {
    this.#disarm();
    const state = this.#latest;
    const waiting = this.#waiting.splice(0);
    this.#latest = null;
    if (state === null) {
      for (const resolve of waiting) resolve(ok(undefined));
      return;
    }
    this.#isWriting = true;
    this.#encode(state, waiting);
  }

  #encode(state: State, waiting: readonly Waiting[]): void {
    if (this.#writer.prepare(state.monitor, encodedAtOnce)) {
      setImmediate(() => {
        this.#encode(state, waiting);
      });
      return;
    }
    const text = this.#writer.encode(state.monitor, state.last);
    void replaceFile(this.#path, text, 0o600).then((written) => {
      this.#isWriting = false;
      this.#onProblem(written.ok ? null : written.problem);
      for (const resolve of waiting) resolve(written);
      this.#wrote(state, written.ok);
    });
  }

  #wrote(state: State, isOnDisk: boolean): void {
    const hasChanged = this.#latest !== null;
    if (isOnDisk) this.#retryMs = firstRetryMs;
    else this.#latest ??= state;
    if (this.#waiting.length > 0) this.#write();
    else if (hasChanged && this.#latest !== null) this.changed(this.#latest);
    else if (!isOnDisk) {
      this.#writeIn(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
    }
  }

  #writeIn(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#putOff >= mostPutOff || !this.#isBusy()) {
        this.#write();
        return;
      }
      this.#putOff += 1;
      this.#writeIn(gatherMs);
    }, ms);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isGathering = false;
    this.#putOff = 0;
  }
}
