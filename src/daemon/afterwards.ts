/** Work that can wait: some time after a change, once for all that have come until then. */

const waitMs = 2_000;

export class Afterwards {
  readonly #work: () => void;
  readonly #isBusy: () => boolean;
  #isWaiting = false;

  /** `isBusy`: whether there is something more urgent to do. */
  constructor(work: () => void, isBusy: () => boolean) {
    this.#work = work;
    this.#isBusy = isBusy;
  }

  /** Something has changed. Where nothing has, no timer wakes anybody up. */
  stir(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => this.#ring(), waitMs);
  }

  #ring(): void {
    this.#isWaiting = false;
    if (this.#isBusy()) this.stir();
    else this.#work();
  }
}
