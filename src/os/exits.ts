/**
 * The ends of processes, as the kernel reports them: a pidfd of each in one epoll set, which
 * Node's event loop watches. What has happened is collected when the loop says so, and again by
 * drain(); each end is reported once. See ARCHITECTURE, "Exit of any process".
 */

import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import type { Pid } from '../core/units.js';
import { openFolder, throughDescriptor } from './group-signal.js';
import type { HeldProcess, Keeper } from './held.js';
import { ChildHeld, FolderHeld } from './held-fallback.js';
import { PidfdHeld } from './held-pidfd.js';
import { moveUp } from './high-descriptor.js';
import { epollAdd, epollCreate, epollTake, mostReady, watchReadable } from './libc/epoll.js';
import { errnoName } from './libc/library.js';
import { isReadable } from './libc/poll.js';
import { hasEnded, pidfdOpen } from './libc/process.js';
import { findMechanisms, type Mechanisms } from './mechanisms.js';
import type { Exit, Exits, Held } from './os.js';
import { readOnce } from './proc-file.js';
import { readStat } from './process-stat.js';

export type ExitsOptions = Readonly<{
  /** Called when drain() has something to give; from within it, or later. */
  onReady: () => void;
  /** Called with what `onReady` threw: it would vanish in the event loop's callback. */
  onBug: (error: unknown) => void;
  /** What to use; default: what this kernel has. Fewer of them are how the fallbacks are tested. */
  mechanisms?: Partial<Mechanisms>;
}>;

/** How often the epoll set is asked where the event loop cannot watch it, in milliseconds. */
const unwatchedMs = 100;

/** Starts watching. The event loop does not end by itself until close(). */
export function openExits(options: ExitsOptions): Exits {
  return new KernelExits(options);
}

class KernelExits implements Exits, Keeper {
  readonly #options: ExitsOptions;
  readonly #mechanisms: Mechanisms;
  readonly #epoll: number;
  readonly #endWatch: () => void;
  /** A pidfd is its own id in the epoll set: closing it also takes it out of there. */
  readonly #byFd = new Map<number, PidfdHeld>();
  readonly #children = new Set<ChildHeld>();
  readonly #folders = new Set<FolderHeld>();
  #queue: Noticed[] = [];
  #hasMore = false;
  #poll: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: ExitsOptions) {
    this.#options = options;
    const wanted = { ...findMechanisms(), ...options.mechanisms };
    this.#epoll = epollCreate();
    if (this.#epoll < 0) throw new Error(`epoll_create1: ${errnoName(this.#epoll)}`);
    const endWatch = wanted.loopWatch ? watchReadable(this.#epoll, this.#onEdge) : null;
    this.#mechanisms = { ...wanted, loopWatch: endWatch !== null };
    this.#endWatch = endWatch ?? repeat(this.#onAsking, unwatchedMs);
  }

  hold(pid: Pid, origin: Held['origin']): Result<Held> {
    try {
      const byPidfd = this.#mechanisms.pidfd ? this.#holdByPidfd(pid, origin) : undefined;
      const held = byPidfd === undefined ? this.#holdOtherwise(pid, origin) : byPidfd;
      return held === null ? failed(gone(pid)) : ok(held);
    } catch (error) {
      return failed(cannotHold(pid, error));
    }
  }

  hasMore(): boolean {
    // What was full may have been all, and then nobody calls until somebody else dies.
    this.#hasMore &&= isReadable(this.#epoll);
    return this.#hasMore;
  }

  hasNews(): boolean {
    if (this.#queue.length > 0) return true;
    // Without a watch the next question brings them, and that they are there would be old news.
    return !this.#isClosed && this.#mechanisms.loopWatch && isReadable(this.#epoll);
  }

  drain(): readonly Exit[] {
    // What has just been collected will do: if there is more, hasMore() says so.
    if (!this.#isClosed && this.#queue.length === 0) this.#collect();
    return this.told();
  }

  told(): readonly Exit[] {
    const noticed = this.#queue;
    this.#queue = [];
    return noticed.filter(({ held }) => !held.isReleased).map(({ exit }) => exit);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hasMore = false;
    this.#endWatch();
    if (this.#poll !== null) clearInterval(this.#poll);
    process.off('SIGCHLD', this.#onEdge);
    for (const held of this.#all()) held.close();
    closeSync(this.#epoll);
  }

  forget(held: HeldProcess): void {
    if (held instanceof PidfdHeld) this.#byFd.delete(held.fd);
    else if (held instanceof ChildHeld) this.#children.delete(held);
    else if (held instanceof FolderHeld) this.#folders.delete(held);
    if (this.#children.size === 0) process.off('SIGCHLD', this.#onEdge);
    if (this.#folders.size === 0 && this.#poll !== null) {
      clearInterval(this.#poll);
      this.#poll = null;
    }
  }

  /** Null: the process is gone. Undefined: no pidfd is to be had for it. */
  #holdByPidfd(pid: Pid, origin: Held['origin']): PidfdHeld | null | undefined {
    const opened = pidfdOpen(pid);
    if (opened < 0) return isNoProcess(opened) ? null : undefined;
    const fd = moveUp(opened);
    try {
      // From here on the number means this process for as long as it lives: what is read under
      // the number before it is found alive was read about this one.
      const stat = readStat(`/proc/${pid}`);
      // A child may have ended already; it is a zombie then, and its end is reported.
      if (stat === null || (origin === 'adopted' && hasEnded(fd))) {
        closeSync(fd);
        return null;
      }
      const identity = { pid, startTime: stat.startTime, origin };
      const held = new PidfdHeld(identity, fd, this, this.#mechanisms);
      if (epollAdd(this.#epoll, fd, fd) >= 0) {
        this.#byFd.set(fd, held);
        return held;
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd); // ENOSPC: fs.epoll.max_user_watches, see epoll(7). ENOMEM.
    return undefined;
  }

  #holdOtherwise(pid: Pid, origin: Held['origin']): HeldProcess | null {
    return origin === 'child' ? this.#holdChild(pid) : this.#holdFolder(pid);
  }

  #holdChild(pid: Pid): ChildHeld | null {
    const stat = readStat(`/proc/${pid}`);
    if (stat === null) return null;
    const held = new ChildHeld({ pid, startTime: stat.startTime, origin: 'child' }, this);
    if (this.#children.size === 0) process.on('SIGCHLD', this.#onEdge);
    this.#children.add(held);
    // Its SIGCHLD may have come before there was anybody to hear it.
    setImmediate(this.#onEdge);
    return held;
  }

  #holdFolder(pid: Pid): FolderHeld | null {
    const folder = openFolder(pid);
    if (folder === null) return null;
    const stat = readStat(throughDescriptor(folder));
    if (stat === null || stat.isZombie || isThread(throughDescriptor(folder), pid)) {
      closeSync(folder);
      return null;
    }
    const identity = { pid, startTime: stat.startTime, origin: 'adopted' } as const;
    const held = new FolderHeld(identity, folder, this);
    this.#folders.add(held);
    this.#poll ??= setInterval(() => {
      this.#lookAt(this.#folders);
      this.#onEdge();
    }, this.#mechanisms.pollMs);
    return held;
  }

  readonly #onEdge = (): void => {
    try {
      if (this.#isClosed) return;
      this.#collect();
      if (this.#queue.length > 0) this.#options.onReady();
    } catch (error) {
      this.#options.onBug(error);
    }
  };

  /** Nobody tells that there is more. */
  readonly #onAsking = (): void => {
    do this.#onEdge();
    while (this.#hasMore && !this.#isClosed);
  };

  #collect(): void {
    const ready = epollTake(this.#epoll);
    for (const { id, isHup } of ready) this.#note(this.#byFd.get(id), isHup);
    this.#hasMore = ready.length === mostReady;
    this.#lookAt(this.#children);
  }

  #lookAt(some: Iterable<HeldProcess>): void {
    for (const held of some) this.#note(held, false);
  }

  #note(held: HeldProcess | undefined, isReaped: boolean): void {
    const exit = held?.look(isReaped) ?? null;
    if (held !== undefined && exit !== null) this.#queue.push({ held, exit });
  }

  #all(): readonly HeldProcess[] {
    return [...this.#byFd.values(), ...this.#children, ...this.#folders];
  }
}

type Noticed = Readonly<{ held: HeldProcess; exit: Exit }>;

/** pidfd_open(2): ESRCH, no such process; EINVAL and, since Linux 6.15, ENOENT: only a thread. */
function isNoProcess(result: number): boolean {
  const { ESRCH, EINVAL, ENOENT } = constants.errno;
  return result === -ESRCH || result === -EINVAL || result === -ENOENT;
}

/** proc(5): /proc/N also answers, unlisted, for a thread that is not the first of its process. */
const isThread = (folder: string, pid: Pid): boolean =>
  readOnce(`${folder}/status`)?.includes(`\nTgid:\t${pid}\n`) !== true;

function repeat(act: () => void, everyMs: number): () => void {
  const timer = setInterval(act, everyMs);
  return () => {
    clearInterval(timer);
  };
}

const gone = (pid: Pid): Problem => ({
  code: 'ESM_PROCESS_GONE',
  message: `Cannot hold process ${pid}: it has ended`,
});

/** Reading /proc failed though the process may be there: EMFILE, as a rule. */
const cannotHold = (pid: Pid, error: unknown): Problem => ({
  code: 'ESM_PROCESS_NOT_HELD',
  message: `Cannot hold process ${pid}: ${error instanceof Error ? error.message : String(error)}`,
});
