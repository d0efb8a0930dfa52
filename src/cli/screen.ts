/**
 * The whole terminal for a while: the alternate screen, no cursor, keys as they are pressed. It is
 * given back however the program ends, short of SIGKILL.
 */

import { writeSync } from 'node:fs';

const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Screen {
  readonly #input = process.stdin;
  readonly #output = process.stdout;
  readonly #onKey: (key: string) => void;
  readonly #onChange: () => void;
  #isOpen = false;

  /** `onChange`: the window has another size, or the program was continued. */
  constructor(onKey: (key: string) => void, onChange: () => void) {
    this.#onKey = onKey;
    this.#onChange = onChange;
  }

  open(): void {
    this.#take();
    this.#input.on('data', this.#pressed);
    this.#output.on('resize', this.#onChange);
    process.on('SIGCONT', this.#continued);
    process.on('exit', this.#giveBack);
    for (const signal of endings) process.on(signal, this.#ended);
  }

  close(): void {
    this.#giveBack();
    this.#input.off('data', this.#pressed).pause();
    this.#output.off('resize', this.#onChange);
    process.off('SIGCONT', this.#continued);
    process.off('exit', this.#giveBack);
    for (const signal of endings) process.off(signal, this.#ended);
  }

  /** Shows `text` from the top, cut to the height of the window, without a flicker. */
  draw(text: string): void {
    if (!this.#isOpen) return;
    const lines = text.trimEnd().split('\n').slice(0, this.#output.rows);
    const painted = lines.map((line) => `${line}${restOfLine}`).join('\r\n');
    this.#output.write(`${home}${painted}${restOfScreen}`);
  }

  #take(): void {
    this.#isOpen = true;
    if (this.#input.isTTY) this.#input.setRawMode(true);
    this.#output.write(enter);
  }

  /** Also called while the process exits, when only a synchronous write still gets out. */
  readonly #giveBack = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      if (this.#input.isTTY) this.#input.setRawMode(false);
      writeSync(1, leave);
    } catch {
      // EIO: the terminal itself has gone, and there is nothing to give back.
    }
  };

  readonly #pressed = (keys: Buffer): void => {
    for (const key of keys.toString()) {
      // In raw mode Ctrl-Z is a character, and stopping is left to us.
      if (key === '\x1a') this.#suspend();
      else this.#onKey(key);
    }
  };

  #suspend(): void {
    this.#giveBack();
    process.kill(process.pid, 'SIGTSTP');
  }

  readonly #continued = (): void => {
    if (!this.#isOpen) this.#take();
    this.#onChange();
  };

  /** Dies of the signal as it would have without us, so that a shell sees why. */
  readonly #ended = (signal: NodeJS.Signals): void => {
    this.close();
    process.kill(process.pid, signal);
  };
}
