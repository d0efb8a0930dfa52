/**
 * A cgroup (version 2) for each service, below the one that esmd runs in: `esmd/NAME`. What a
 * daemon forks stays in it, however it is reparented. See cgroups(7). Where there is none that we
 * may write to, folder() says so and the rest is not called.
 */

import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { constants as numbers } from 'node:os';
import { join } from 'node:path';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { pid as toPid, type Pid } from '../core/units.js';
import { CgroupEvents } from './cgroup-events.js';
import { ownCgroup, processesOf } from './cgroup-place.js';
import { errorCode } from './error-code.js';
import { signalEach } from './group-signal.js';
import { errnoName } from './libc/library.js';
import type { Cgroups } from './os.js';

/** What the kernel calls things. Other words are how the fallbacks are tested. */
export type CgroupWords = Readonly<{
  /** The controller that limits memory, and the file that takes the limit. */
  controller: string;
  limit: string;
  /** The file that kills all members: Linux 5.14. */
  kill: string;
}>;

const kernelWords: CgroupWords = {
  controller: 'memory',
  limit: 'memory.max',
  kill: 'cgroup.kill',
};

/** `own`: the cgroup of this process, null for none; default: asked of the kernel. */
export function openCgroups(own = ownCgroup(), words: Partial<CgroupWords> = {}): Cgroups {
  return new UnifiedCgroups(own, { ...kernelWords, ...words });
}

class UnifiedCgroups implements Cgroups {
  readonly #own: string | null;
  readonly #parent: string | null;
  readonly #words: CgroupWords;
  /** The folders that we have made, or found; members() notices when one has gone. */
  readonly #made = new Map<string, CgroupEvents>();
  #hasMemory: boolean | null = null;

  constructor(own: string | null, words: CgroupWords) {
    this.#own = own;
    this.#parent = own === null ? null : makeFolder(join(own, 'esmd'));
    this.#words = words;
  }

  get hasMemory(): boolean {
    return (this.#hasMemory ??= this.#enableMemory());
  }

  folder(service: string): string | null {
    if (this.#parent === null) return null;
    const path = `${this.#parent}/${service}`;
    if (!this.#made.has(path)) {
      if (makeFolder(path) === null) return null;
      this.#made.set(path, new CgroupEvents(path));
    }
    return path;
  }

  setMemoryMax(folder: string, bytes: number): Result<void> {
    const { controller, limit } = this.#words;
    return this.hasMemory
      ? attempt(folder, `set ${limit} of`, () => {
          write(join(folder, limit), String(bytes));
        })
      : failed(problem(folder, 'limit memory in', `the ${controller} controller is not available`));
  }

  place(folder: string, pid: Pid): Result<void> {
    return attempt(folder, `put process ${pid} into`, () => {
      try {
        write(processesOf(folder), String(pid));
      } catch (error) {
        if (errorCode(error) !== 'ESRCH') throw error; // It has ended.
      }
    });
  }

  members(folder: string): readonly Pid[] {
    const isPopulated = this.#made.get(folder)?.isPopulated() ?? null;
    if (isPopulated === null) this.#forget(folder);
    // Also about the cgroups below: one file instead of them all.
    return isPopulated === false ? [] : foldersFrom(folder).flatMap(processesIn);
  }

  kill(folder: string): Result<void> {
    // If moving back out of it has failed once, we are in there ourselves.
    if (this.members(folder).includes(toPid(process.pid))) {
      const moved = this.place(this.#own ?? '/', toPid(process.pid));
      if (!moved.ok) return moved;
    }
    return attempt(folder, 'kill the processes of', () => {
      try {
        write(join(folder, this.#words.kill), '1');
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
        this.#killOneByOne(folder); // Linux < 5.14; or the folder has gone, and is empty.
      }
    });
  }

  remove(folder: string): void {
    this.#forget(folder);
    try {
      for (const each of foldersFrom(folder).reverse()) rmdirSync(each);
    } catch {
      // EBUSY: it has processes. ENOENT: it has gone already.
    }
  }

  #forget(folder: string): void {
    this.#made.get(folder)?.close();
    this.#made.delete(folder);
  }

  #killOneByOne(folder: string): void {
    const { SIGKILL } = numbers.signals;
    const belongs = (pid: number): boolean => this.members(folder).includes(toPid(pid));
    const result = signalEach(() => this.members(folder), belongs, SIGKILL);
    if (result < 0 && result !== -numbers.errno.ESRCH) throw new Error(errnoName(result));
  }

  /**
   * Has the controller passed on to the cgroups below. The kernel refuses (EBUSY) where a cgroup
   * other than the root has processes itself: under systemd, and in a container, ours has us. To
   * make room by moving down would be worse: a service manager could then not put our successor
   * there, for the same reason.
   */
  #enableMemory(): boolean {
    if (this.#own === null || this.#parent === null) return false;
    try {
      for (const folder of [this.#own, this.#parent]) {
        write(join(folder, 'cgroup.subtree_control'), `+${this.#words.controller}`);
      }
      return true;
    } catch {
      return false; // EINVAL: no such controller in this hierarchy; version 1 may have it.
    }
  }
}

/** The folder, which is there now and can be written to; null if not. */
function makeFolder(path: string): string | null {
  if (isCgroup(path)) return path;
  try {
    mkdirSync(path, 0o755);
  } catch {
    return null;
  }
  return isCgroup(path) ? path : null;
}

/** A service may bear the name of one of the kernel's own files: that one is no cgroup. */
function isCgroup(path: string): boolean {
  try {
    accessSync(processesOf(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder and all cgroups below it, parents first: a daemon may have made some of its own. */
function foldersFrom(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory());
    return [folder, ...below.flatMap(({ name }) => foldersFrom(join(folder, name)))];
  } catch {
    return [folder];
  }
}

function processesIn(folder: string): readonly Pid[] {
  let text: string;
  try {
    text = readFileSync(processesOf(folder), 'latin1');
  } catch {
    return []; // ENOENT: it has gone. EOPNOTSUPP: a threaded cgroup, whose parent lists them.
  }
  const numbersIn = text.split('\n').map(Number);
  return numbersIn.filter((pid) => pid > 0).map(toPid); // 0: a process outside of our namespace.
}

/** A file of cgroupfs exists or not: opening it must not try to create one. */
const write = (path: string, text: string): void => {
  writeFileSync(path, text, { flag: 'r+' });
};

function attempt(folder: string, action: string, act: () => void): Result<void> {
  try {
    act();
    return ok(undefined);
  } catch (error) {
    return failed(problem(folder, action, errorCode(error)));
  }
}

const problem = (folder: string, action: string, why: string): Problem => ({
  code: 'ESM_CGROUP_REFUSED',
  message: `Cannot ${action} the cgroup "${folder}": ${why}`,
});
