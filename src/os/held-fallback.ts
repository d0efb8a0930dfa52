/**
 * Held without a pidfd: the kernel has none (before Linux 5.3, or a container forbids it), or the
 * descriptors have run out.
 */

import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { fromChildInfo, unknownExit } from './exit-status.js';
import { signalByFolder, signalMembers, throughDescriptor } from './group-signal.js';
import { HeldProcess, type Identity, type Keeper, type Scope } from './held.js';
import { kill, killGroup, waitOne } from './libc/process.js';
import type { Exit } from './os.js';
import { afterPlacement } from './placement.js';
import { readStat, type ProcessStat } from './process-stat.js';

const { ESRCH } = constants.errno;

/** A child: SIGCHLD says when to look, and its number is its own as long as it is not reaped. */
export class ChildHeld extends HeldProcess {
  readonly means = 'sigchld';
  #stage: 'alive' | 'zombie' | 'gone' = 'alive';

  look(): Exit | null {
    if (this.isReleased) {
      this.letGo();
      return null;
    }
    if (this.#stage !== 'alive') return null;
    const waited = waitOne('pid', this.pid, true);
    if (typeof waited === 'number') {
      // ECHILD: somebody else has reaped it.
      this.#stage = 'gone';
      return this.exit('died', unknownExit);
    }
    if (waited.pid === 0) return null;
    this.#stage = 'zombie';
    return this.exit('died', fromChildInfo(waited.code, waited.status));
  }

  close(): void {
    this.#stage = 'gone';
  }

  protected hasEnded(): boolean {
    if (this.#stage !== 'alive') return true;
    const waited = waitOne('pid', this.pid, true);
    return typeof waited === 'number' || waited.pid !== 0;
  }

  protected send(signal: number, scope: Scope): number {
    if (this.#stage === 'gone') return -ESRCH;
    return scope === 'process' ? kill(this.pid, signal) : killGroup(this.pid, signal);
  }

  protected letGo(): void {
    if (!this.hasEnded() || afterPlacement(this.pid, () => this.letGo())) return;
    waitOne('pid', this.pid, false);
    this.#stage = 'gone';
    this.keeper.forget(this);
  }
}

/** A stranger: its open /proc folder is looked into now and then. Its exit status is not known. */
export class FolderHeld extends HeldProcess {
  readonly means = 'poll';
  readonly #folder: number;
  #stage: 'alive' | 'died' | 'closed' = 'alive';

  constructor(identity: Identity, folder: number, keeper: Keeper) {
    super(identity, keeper);
    this.#folder = folder;
  }

  look(): Exit | null {
    if (this.#stage !== 'alive' || !this.hasEnded()) return null;
    this.#stage = 'died';
    return this.exit('died', unknownExit);
  }

  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    closeSync(this.#folder);
  }

  protected hasEnded(): boolean {
    if (this.#stage !== 'alive') return true;
    const stat = this.#stat();
    return stat === null || stat.isZombie;
  }

  protected send(signal: number, scope: Scope): number {
    return scope === 'process'
      ? signalByFolder(this.#folder, this.pid, signal)
      : signalMembers(this.pid, () => this.#stat() === null, signal);
  }

  protected letGo(): void {
    this.keeper.forget(this);
    this.close();
  }

  /** Null once it has been reaped. */
  #stat(): ProcessStat | null {
    return readStat(throughDescriptor(this.#folder));
  }
}
