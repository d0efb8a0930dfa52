/** init.d/esm in a private place, under each of the shells it has to run under. */

import { decode, type StateFile } from '../../src/core/state-file.js';
import { initd, shells, type PrivatePlace, type Ran, type RunOptions } from './private-place.js';

export type Shell = keyof typeof shells;
export const shellNames = Object.keys(shells) as readonly Shell[];

export const stateFile = '/run/esm.state';

/** Runs the script of the tree. */
export function esm(
  place: PrivatePlace,
  shell: Shell,
  words: readonly string[],
  options?: RunOptions,
): Promise<Ran> {
  return place.run([...shells[shell], initd('esm'), ...words], options);
}

/** Runs the script, which has to succeed and say nothing. */
export async function transition(
  place: PrivatePlace,
  shell: Shell,
  ...words: readonly string[]
): Promise<void> {
  const ran = await esm(place, shell, words);
  if (ran.code !== 0 || ran.stdout !== '' || ran.stderr !== '') {
    throw new Error(`esm ${words.join(' ')}: ${JSON.stringify(ran)}`);
  }
}

/** The state file as esmd reads it; it has to be one without problems. */
export function readState(place: PrivatePlace): StateFile {
  const state = decode(place.read(stateFile));
  if (!state.ok) throw new Error(state.problem.message);
  if (state.value.warnings.length > 0) throw new Error(JSON.stringify(state.value.warnings));
  return state.value;
}

/** Its statements in one line, in their order: `run, rsyslogd stopping, cron up`. */
export function said(place: PrivatePlace): string {
  const { mode, daemons } = readState(place);
  return [mode, ...[...daemons].map(([name, word]) => `${name} ${word}`)].join(', ');
}
