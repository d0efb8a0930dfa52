/**
 * What is asked of a service, and whose word it is. Authority in falling order: state file and
 * mode, operator, configuration. Mode and state file only ever say "monitored" or "hands off".
 */

import type { Authority, Desired } from '../service/record.js';
import type { StateFile } from '../state-file.js';

export type Wanted = Readonly<{ desired: Desired; by: Authority }>;

/** `stateFile` null: none has been readable since esmd began, so nothing is monitored. */
export function wanted(name: string, wish: 'none' | 'down', stateFile: StateFile | null): Wanted {
  const statement = stateFile?.daemons.get(name);
  if (statement === 'stopping' || statement === 'down') {
    return { desired: 'unmonitored', by: 'state file' };
  }
  if (statement === undefined && stateFile?.mode !== 'run') {
    return { desired: 'unmonitored', by: 'mode' };
  }
  if (wish === 'down') return { desired: 'down', by: 'operator' };
  return { desired: 'up', by: statement === 'up' ? 'state file' : 'configuration' };
}

/** The statement that takes a service out of monitoring, as an administrator would look for it. */
export function statementAgainst(name: string, stateFile: StateFile | null): string {
  if (stateFile === null) return 'there is no readable state file';
  const statement = stateFile.daemons.get(name);
  return statement === undefined
    ? `the state file says "mode ${stateFile.mode}"`
    : `the state file says "daemon ${name} ${statement}"`;
}

/**
 * The daemons for which the file was replaced to say `up`, although it may have said so before.
 * A transition moves its daemon's line to the end, so what is new is at the end; where nothing
 * moved, the last line was stated again. A change of mode states nothing about a daemon.
 */
export function restatedUp(before: StateFile | null, after: StateFile): readonly string[] {
  if (before?.mode !== after.mode) return [];
  const old = [...before.daemons];
  const now = [...after.daemons];
  let kept = 0;
  for (const [name, word] of old) {
    const line = now[kept];
    if (line?.join() === `${name},${word}`) kept += 1;
  }
  const restated = kept === now.length ? now.slice(-1) : now.slice(kept);
  return restated.filter(([, word]) => word === 'up').map(([name]) => name);
}
