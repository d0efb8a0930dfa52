/** Held by pidfd: the way on Linux 5.3 and later. */

import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { ExitStatus } from '../core/process.js';
import { fromChildInfo, fromWaitStatus, unknownExit } from './exit-status.js';
import { signalMembers } from './group-signal.js';
import { HeldProcess, type Identity, type Keeper, type Scope } from './held.js';
import {
  exitInfo,
  hasEnded,
  killGroup,
  pidfdSendSignal,
  toProcessGroup,
  waitOne,
  type Waited,
} from './libc/process.js';
import type { Mechanisms } from './mechanisms.js';
import type { Exit } from './os.js';
import { afterPlacement } from './placement.js';

export class PidfdHeld extends HeldProcess {
  readonly means: 'pidfd' | 'poll';
  readonly #mechanisms: Mechanisms;
  readonly fd: number;
  #stage: 'alive' | 'died' | 'told' | 'closed' = 'alive';

  constructor(identity: Identity, fd: number, keeper: Keeper, mechanisms: Mechanisms) {
    super(identity, keeper);
    this.means = mechanisms.loopWatch ? 'pidfd' : 'poll';
    this.fd = fd;
    this.#mechanisms = mechanisms;
  }

  look(isReaped: boolean): Exit | null {
    if (this.isReleased) {
      this.letGo();
      return null;
    }
    switch (this.#stage) {
      case 'alive':
        return this.#whenAlive();
      case 'died':
        return isReaped ? this.#whenDied() : null;
      case 'told':
      case 'closed':
        return null;
    }
  }

  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    closeSync(this.fd);
  }

  protected hasEnded(): boolean {
    return this.#stage !== 'alive' || hasEnded(this.fd);
  }

  protected send(signal: number, scope: Scope): number {
    if (scope === 'process') return pidfdSendSignal(this.fd, signal, 0);
    if (this.#mechanisms.groupSignal) return pidfdSendSignal(this.fd, signal, toProcessGroup);
    // A child is not reaped before it is released, so the number of its group is still its own.
    return this.origin === 'child' && this.#stage !== 'told'
      ? killGroup(this.pid, signal)
      : signalMembers(this.pid, () => this.#isReaped(), signal);
  }

  protected letGo(): void {
    // A child that lives on is still ours to reap when it ends: nobody else can.
    if (this.origin === 'child' && !this.hasEnded()) return;
    if (this.origin === 'child' && afterPlacement(this.pid, () => this.letGo())) return;
    if (this.origin === 'child' && this.#stage !== 'told') this.#wait(false);
    this.keeper.forget(this);
    this.close();
  }

  #whenAlive(): Exit | null {
    if (this.origin === 'adopted') {
      if (!hasEnded(this.fd)) return null;
      const status = this.#strangerStatus();
      this.#stage = status === null ? 'died' : 'told';
      return this.exit('died', status ?? unknownExit);
    }
    const waited = this.#wait(true);
    if (typeof waited !== 'number') {
      if (waited.pid === 0) return null;
      this.#stage = 'died';
      return this.exit('died', fromChildInfo(waited.code, waited.status));
    }
    // ECHILD: it was reaped behind our back, and its number is free. It does not happen while
    // nobody here waits for any child, but an end that is not reported would be worse.
    this.#stage = 'told';
    return this.exit('died', this.#strangerStatus() ?? unknownExit);
  }

  /** The second edge: a stranger's parent has reaped it, and only now the kernel tells. */
  #whenDied(): Exit | null {
    const status = this.#strangerStatus();
    if (status === null) return null;
    this.#stage = 'told';
    return this.exit('reaped', status);
  }

  /** Signal 0 is only checked for, and a zombie takes it. */
  #isReaped(): boolean {
    return pidfdSendSignal(this.fd, 0, 0) === -constants.errno.ESRCH;
  }

  #strangerStatus(): ExitStatus | null {
    const status = this.#mechanisms.exitInfo ? exitInfo(this.fd) : null;
    return status === null ? null : fromWaitStatus(status);
  }

  #wait(leave: boolean): Waited | number {
    return this.#mechanisms.waitPidfd
      ? waitOne('pidfd', this.fd, leave)
      : waitOne('pid', this.pid, leave);
  }
}
