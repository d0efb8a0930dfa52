/**
 * Files of a machine, reached from the host through a descriptor of its root folder: no process is
 * needed inside, and once the machine has ended nothing else can be hit by mistake, as it could by
 * /proc/PID/root when the number is used again.
 */

import {
  appendFileSync,
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What a file shall be: its text (mode 0644), text and mode, a link, or a change of what it is. */
export type FileSpec =
  | string
  | Readonly<{ text: string; mode: number }>
  | Readonly<{ link: string }>
  | ((before: string) => string);

/** By absolute path in the machine. */
export type Files = Readonly<Record<string, FileSpec>>;

const mostLinks = 20;

export class RootFiles {
  readonly #fd: number;

  constructor(hostPid: number) {
    this.#fd = openSync(`/proc/${hostPid}/root`, 'r');
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * The path by which this process reaches a file of the machine. Links are followed here: left to
   * the kernel, an absolute one would lead to the host's files.
   */
  path(inside: string): string {
    const root = `/proc/self/fd/${this.#fd}`;
    let waiting = inside.split('/');
    let done: string[] = [];
    let links = 0;
    while (waiting.length > 0) {
      const [name = '', ...rest] = waiting;
      waiting = rest;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        done = done.slice(0, -1);
        continue;
      }
      const target = linkTarget(join(root, ...done, name));
      if (target === null) {
        done.push(name);
        continue;
      }
      if (++links > mostLinks) throw new Error(`Too many links: ${inside}`);
      if (target.startsWith('/')) done = [];
      waiting = [...target.split('/'), ...rest];
    }
    return join(root, ...done);
  }

  read(inside: string): string {
    return readFileSync(this.path(inside), 'utf8');
  }

  /** As {@link read}; null if there is no such file. */
  readIfThere(inside: string): string | null {
    return this.exists(inside) ? this.read(inside) : null;
  }

  exists(inside: string): boolean {
    return lstatSync(this.path(inside), { throwIfNoEntry: false }) !== undefined;
  }

  list(inside: string): readonly string[] {
    return readdirSync(this.path(inside));
  }

  /** Replaces the content of a file in place, and makes the folders above. */
  write(inside: string, text: string | Uint8Array, mode = 0o644): void {
    const path = this.path(inside);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  }

  /** Replaces a file by a rename: who reads it sees the old text or the new. */
  replace(inside: string, text: string, mode = 0o644): void {
    this.write(`${inside}.new`, text, mode);
    renameSync(this.path(`${inside}.new`), this.path(inside));
  }

  append(inside: string, text: string): void {
    appendFileSync(this.path(inside), text);
  }

  remove(inside: string): void {
    rmSync(this.path(inside), { recursive: true, force: true });
  }

  link(inside: string, target: string): void {
    const path = join(this.path(dirname(inside)), inside.slice(inside.lastIndexOf('/') + 1));
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    symlinkSync(target, path);
  }

  put(files: Files): void {
    for (const [path, file] of Object.entries(files)) {
      if (typeof file === 'string') this.write(path, file);
      else if (typeof file === 'function') this.write(path, file(this.readIfThere(path) ?? ''));
      else if ('link' in file) this.link(path, file.link);
      else this.write(path, file.text, file.mode);
    }
  }
}

function linkTarget(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true ? readlinkSync(path) : null;
}
