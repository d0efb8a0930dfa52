/**
 * Routes inputs to the services they concern and collects what they ask for, in order. A batch is
 * one step: all that has happened is taken in before anything is done about it.
 */

import { restatedUp } from './desired.js';
import type { Draft } from './draft.js';
import { draftOf, finished, put, tell, want } from './draft.js';
import type { Action, Context, Input, Monitor } from './monitor.js';
import { configure } from './configure.js';
import { request } from './request.js';

export function step(
  monitor: Monitor,
  inputs: readonly Input[],
  context: Context,
): readonly [Monitor, readonly Action[]] {
  const draft = draftOf(monitor, context);
  for (const input of inputs) take(draft, input);
  reconsider(draft);
  return [finished(draft), draft.actions];
}

function take(draft: Draft, input: Input): void {
  switch (input.type) {
    case 'begin':
      return tellAll(draft, { type: 'begin' });
    case 'configured':
      configure(draft, input);
      return;
    case 'state-file':
      return takeStateFile(draft, input.file);
    case 'state-file-problem':
      draft.monitor = { ...draft.monitor, stateFileProblem: input.problem };
      // Where none has ever been readable, nothing is monitored, whatever an earlier esmd knew.
      if (draft.monitor.stateFile === null) wantAll(draft);
      return;
    case 'service':
      return tell(draft, input.name, input.input);
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

function takeStateFile(draft: Draft, file: NonNullable<Monitor['stateFile']>): void {
  const before = draft.monitor.stateFile;
  draft.monitor = { ...draft.monitor, stateFile: file, stateFileProblem: null };
  // A boot ends every operator's stop: the machine starts anew.
  const isBoot = file.mode === 'boot' && before?.mode !== 'boot';
  for (const name of isBoot ? [...draft.services.keys()] : restatedUp(before, file)) {
    forgetWish(draft, name);
  }
  wantAll(draft);
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
  for (const [name, service] of [...draft.services]) {
    const { actual } = service;
    if (actual.state !== 'stopped' || actual.waitingFor.length === 0) continue;
    tell(draft, name, { type: 'reconsider' });
  }
}
