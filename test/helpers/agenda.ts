/** What is to happen at which moment of a simulation; of one moment, in the order it was added. */
export class Agenda {
  #due: readonly Readonly<{ at: number; run: () => void }>[] = [];

  /** The earliest moment; Infinity if there is none. */
  get next(): number {
    return this.#due[0]?.at ?? Infinity;
  }

  add(at: number, run: () => void): void {
    const index = this.#due.findIndex((other) => other.at > at);
    this.#due = this.#due.toSpliced(index === -1 ? this.#due.length : index, 0, { at, run });
  }

  /** Lets everything happen that is due by now, and what that brings about at once. */
  happen(now: number): void {
    while (this.next <= now) {
      const [first, ...others] = this.#due;
      this.#due = others;
      first?.run();
    }
  }

  clear(): void {
    this.#due = [];
  }
}
