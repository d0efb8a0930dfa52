/** Finds the moment for work that can wait: when nothing has changed for a while, and then once. */

/** A row of restarts has pauses; it is over when none came for so long. ms. */
const calmMs = 2_000;

export class Calm {
  readonly #onCalm: () => void;
  readonly #isBusy: () => boolean;
  #timer: NodeJS.Timeout | null = null;
  /** Whether something has changed since the timer was set: to set it again costs more. */
  #isStirred = false;

  /** `isBusy`: whether there is something more urgent to do, though nothing has changed. */
  constructor(onCalm: () => void, isBusy: () => boolean) {
    this.#onCalm = onCalm;
    this.#isBusy = isBusy;
  }

  /** Something has changed. Once it is calm no timer is left that would wake anybody up. */
  stir(): void {
    this.#isStirred = true;
    this.#timer ??= this.#wait();
  }

  #wait(): NodeJS.Timeout {
    this.#isStirred = false;
    return setTimeout(() => this.#settle(), calmMs);
  }

  #settle(): void {
    const mustWait = this.#isStirred || this.#isBusy();
    this.#timer = mustWait ? this.#wait() : null;
    if (!mustWait) this.#onCalm();
  }
}
