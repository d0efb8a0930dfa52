/** What the driver did, and when. */

/** So many are kept; the last of them are shown when something went wrong. */
const kept = 200;

export class Journal {
  readonly #begin = performance.now();
  readonly #lines: string[] = [];
  #count = 0;

  note(text: string): void {
    this.#lines.push(`${this.seconds().toFixed(3).padStart(9)} s  ${text}`);
    if (this.#lines.length > kept) this.#lines.shift();
    this.#count += 1;
  }

  /** Since the beginning. */
  seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  get count(): number {
    return this.#count;
  }

  last(number: number): readonly string[] {
    return this.#lines.slice(-number);
  }
}
