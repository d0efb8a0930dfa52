/** What has to hold before esmd may begin: its parent, few starts lately, and that it is alone. */

import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '../core/paths.js';
import { describeProblem } from '../core/result.js';
import type { Clock } from '../os/os.js';
import { readChecked } from '../os/file.js';
import { replaceFileSync } from '../os/file-replace.js';
import type { Lock } from '../os/lock.js';
import { acquire } from '../os/lock.js';
import { exitCode } from './exit-code.js';
import type { Log } from './log.js';
import { waitAfter, withStart } from './starts.js';

/** How long a second instance waits: init would otherwise use up its limit of ten starts. */
const lockWaitMs = 13_000;
const lockPollMs = 250;

/** Null: init started us; otherwise what to say and leave. */
export function parentProblem(): string | null {
  return process.ppid === 1
    ? null
    : `Cannot run: esmd has to be started by init, and its parent is process ${process.ppid}`;
}

export type Guarded = Readonly<{
  /** Something repeats itself, and the table may be what is wrong. */
  isSetAside: boolean;
  /** Whether the next start will know of this one. */
  isCounted: boolean;
  /** Nobody knows of an earlier one, lately. */
  isFirst: boolean;
}>;

/**
 * Records this start. At the fifth within two minutes something repeats itself: the table is to be
 * set aside, and a while was waited, so that init does not give us up.
 */
export async function guardStarts(clock: Clock, bootId: string, log: Log): Promise<Guarded> {
  const known = readChecked(paths.starts, { maxBytes: 65_536, owner: 'root' });
  const starts = withStart(known.ok ? known.value.text : null, bootId, clock.now());
  const written = replaceFileSync(paths.starts, JSON.stringify(starts), 0o600);
  if (!written.ok) log.warning(describeProblem(written.problem));
  const counted = { isCounted: written.ok, isFirst: starts.at.length === 1 };
  const wait = waitAfter(starts, clock.now());
  if (wait === 0) return { ...counted, isSetAside: false };
  log.error(
    `esmd has started ${starts.at.length} times within two minutes: the table is set aside, and esmd waits ${Math.round(wait / 1000)} s`,
  );
  await sleep(wait);
  return { ...counted, isSetAside: true };
}

/**
 * The lock, or an exit: the holder may be about to end, so it is waited for. A file that cannot be
 * locked at all is said once, and waited for until somebody has repaired it.
 */
export async function lockOrLeave(log: Log): Promise<Lock> {
  let told = '';
  for (let waited = 0; ; waited += lockPollMs) {
    const lock = acquire(paths.pidFile);
    if (lock.ok) {
      if (lock.value.problem !== null) log.warning(describeProblem(lock.value.problem));
      return lock.value;
    }
    const problem = describeProblem(lock.problem);
    if (lock.problem.code !== 'ESM_LOCK_HELD') {
      waited = 0;
      if (problem !== told) log.critical(`esmd waits, and monitors nothing: ${problem}`);
      told = problem;
    } else if (waited >= lockWaitMs) {
      log.error(`another esmd runs: ${problem}`);
      process.exit(exitCode.busy);
    }
    await sleep(lockPollMs);
  }
}
