/**
 * Work that is never done twice at once. Who asks for it while it is done gets the next time,
 * which begins after: it sees all that was the case when it was asked for. A thousand who ask
 * meanwhile share that one.
 */
export class Rerun {
  readonly #work: () => Promise<void>;
  #now: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when a time is over that began after this. */
  ask(): Promise<void> {
    if (this.#now === null) return this.#begin();
    this.#next ??= this.#now.then(() => {
      this.#next = null;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#now = this.#work().finally(() => {
      this.#now = null;
    });
    return this.#now;
  }
}
