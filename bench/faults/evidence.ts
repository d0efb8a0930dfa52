/** What was done and seen, kept in a file, so that each cell of the table can be traced. */

import { appendFileSync, writeFileSync } from 'node:fs';

/** Of one cell. Lines are collected and written together: cells are made at the same time. */
export class Evidence {
  readonly #title: string;
  readonly #begin = performance.now();
  readonly #lines: string[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  note(text: string): void {
    const seconds = ((performance.now() - this.#begin) / 1_000).toFixed(3).padStart(8);
    this.#lines.push(`${seconds} s  ${text}`);
  }

  save(path: string): void {
    appendFileSync(path, [`== ${this.#title}`, ...this.#lines, '', ''].join('\n'));
  }
}

export function beginLog(path: string, head: string): void {
  writeFileSync(path, `${head}\n\n`);
}
