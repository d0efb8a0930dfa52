/** What the driver did, and when. */

/** So many are kept; the last of them are shown when something went wrong. */
const kept = 200;

export class Journal {
  readonly #begin = performance.now();
  readonly #lines: string[] = [];
  /** How often each action was done. */
  readonly done = new Map<string, number>();

  note(text: string): void {
    this.#lines.push(`${this.seconds().toFixed(3).padStart(9)} s  ${text}`);
    if (this.#lines.length > kept) this.#lines.shift();
  }

  noteAction(name: string, text: string): void {
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
    this.note(`${name}: ${text}`);
  }

  /** Since the beginning. */
  seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  last(number: number): readonly string[] {
    return this.#lines.slice(-number);
  }
}
