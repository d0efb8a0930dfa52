/** Finds the moment for work that can wait: when nothing has changed for a while, and then once. */

/** Longer than a storm takes, and the words about it; services that crash leave such gaps. ms. */
const calmMs = 1_000;

export class Calm {
  readonly #onCalm: () => void;
  readonly #isBusy: () => boolean;
  #isWaiting = false;
  /** Whether something has changed since the timer was set: to set it again would cost more. */
  #isStirred = false;

  /** `isBusy`: whether there is something more urgent to do, though nothing has changed. */
  constructor(onCalm: () => void, isBusy: () => boolean) {
    this.#onCalm = onCalm;
    this.#isBusy = isBusy;
  }

  /** Something has changed. Once it is calm no timer is left that would wake anybody up. */
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
    if (this.#isStirred || this.#isBusy()) {
      this.#wait();
      return;
    }
    this.#isWaiting = false;
    this.#onCalm();
  }
}
