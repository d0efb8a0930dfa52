/**
 * Routes inputs to the services they concern and collects what they ask for, in order. A batch is
 * one step: all that has happened is taken in before anything is done about it.
 */

import { lives } from '../service/record.js';
import type { StateFile } from '../state-file.js';
import { configure } from './configure.js';
import { restatedUp } from './desired.js';
import type { Draft } from './draft.js';
import { draftOf, finished, put, tell, want } from './draft.js';
import type { Action, Context, Input, Monitor } from './monitor.js';
import { request } from './request.js';

export function step(
  monitor: Monitor,
  inputs: readonly Input[],
  context: Context,
): readonly [Monitor, readonly Action[]] {
  const draft = draftOf(monitor, context);
  for (const input of inputs) take(draft, input, inputs);
  reconsider(draft);
  return [finished(draft), draft.actions];
}

function take(draft: Draft, input: Input, batch: readonly Input[]): void {
  switch (input.type) {
    case 'begin':
      return tellAll(draft, { type: 'begin' });
    case 'configured':
      configure(draft, input);
      return;
    case 'state-file':
      return takeStateFile(draft, input.file, batch);
    case 'state-file-problem':
      draft.monitor = { ...draft.monitor, stateFileProblem: input.problem };
      // Where none has ever been readable, nothing is monitored, whatever an earlier esmd knew.
      if (draft.monitor.stateFile === null) wantAll(draft);
      return;
    case 'service':
      tell(draft, input.name, input.input);
      // It may have been held back by takeStateFile until now.
      if (input.input.type === 'exited') want(draft, input.name);
      return;
    case 'request':
      return request(draft, input);
    case 'reload':
      return tellAll(draft, { type: 'reset' });
    case 'continued':
      return tellAll(draft, { type: 'continued' });
    case 'noticed':
      draft.monitor = {
        ...draft.monitor,
        notices: [...draft.monitor.notices, input.notice],
      };
      return;
    case 'elapsed':
      return tellAll(draft, { type: 'elapsed' });
  }
}

function tellAll(draft: Draft, input: Parameters<typeof tell>[2]): void {
  for (const name of [...draft.services.keys()]) tell(draft, name, input);
}

function takeStateFile(draft: Draft, file: StateFile, batch: readonly Input[]): void {
  const before = draft.monitor.stateFile;
  draft.monitor = { ...draft.monitor, stateFile: file, stateFileProblem: null };
  // A boot ends every operator's stop: the machine starts anew. The first look of an esmd that was
  // respawned is none; that of the first one finds no wishes.
  const isBoot = file.mode === 'boot' && before !== null && before.mode !== 'boot';
  const restated = restatedUp(before, file);
  for (const name of isBoot ? [...draft.services.keys()] : restated) forgetWish(draft, name);
  wantAll(draft);
  for (const name of restated) {
    if (hasDied(draft, name, batch)) playMissed(draft, name);
    else tell(draft, name, { type: 'said-to-run' });
  }
}

/** Whether it ran until now. */
function hasDied(draft: Draft, name: string, batch: readonly Input[]): boolean {
  const service = draft.services.get(name);
  if (service === undefined || !lives(service)) return false;
  return batch.some(
    (input) => input.type === 'service' && input.name === name && input.input.type === 'exited',
  );
}

/**
 * An init script has stopped it and says that it starts it, and on a busy machine all of that
 * became known at once. The stop that was not seen in time is made up for: what has ended was meant
 * to, and who starts the next one is waited for. See whenStopped.
 */
function playMissed(draft: Draft, name: string): void {
  tell(draft, name, { type: 'desired', desired: 'unmonitored', by: 'state file' });
}

function wantAll(draft: Draft): void {
  for (const name of [...draft.services.keys()]) want(draft, name);
}

function forgetWish(draft: Draft, name: string): void {
  const service = draft.services.get(name);
  if (service?.wish !== 'down') return;
  put(draft, { ...service, wish: 'none' });
}

/** Services that wait for others are asked again; one that starts may let the next one start. */
function reconsider(draft: Draft): void {
  draft.services.forEach(({ actual }, name) => {
    if (actual.state !== 'stopped' || actual.waitingFor.length === 0) return;
    tell(draft, name, { type: 'reconsider' });
  });
}
