/**
 * Finds the moment for work that can wait: when nothing has changed for a while, and then once; and
 * for work that can wait longer.
 */

/** Longer than a storm takes, and the words about it; services that crash leave such gaps. ms. */
const calmMs = 1_000;

/** After so many of them nothing is going on any more. */
const calmsToRest = 6;

export type CalmWork = Readonly<{
  onCalm: () => void;
  onRest: () => void;
  /** Whether there is something more urgent to do, though nothing has changed. */
  isBusy: () => boolean;
}>;

export class Calm {
  readonly #work: CalmWork;
  #isWaiting = false;
  /** Whether something has changed since the timer was set: to set it again would cost more. */
  #isStirred = false;
  /** How often in a row nothing had. */
  #calms = 0;

  constructor(work: CalmWork) {
    this.#work = work;
  }

  /** Something has changed. Once all is at rest no timer is left that would wake anybody up. */
  stir(): void {
    this.#isStirred = true;
    if (!this.#isWaiting) this.#wait();
  }

  #wait(): void {
    this.#isWaiting = true;
    this.#isStirred = false;
    setTimeout(() => this.#settle(), calmMs);
  }

  #settle(): void {
    const isCalm = !this.#isStirred && !this.#work.isBusy();
    this.#calms = isCalm ? this.#calms + 1 : 0;
    if (this.#calms === calmsToRest) {
      this.#isWaiting = false;
      this.#calms = 0;
      this.#work.onRest();
      return;
    }
    this.#wait();
    if (this.#calms === 1) this.#work.onCalm();
  }
}
