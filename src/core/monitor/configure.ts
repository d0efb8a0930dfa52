/** What a new configuration changes: services come, change and go; nothing that runs is touched. */

import type { Service } from '../service/record.js';
import { fresh } from '../service/record.js';
import type { Spec } from '../service/spec.js';
import { wanted } from './desired.js';
import type { Draft } from './draft.js';
import { put, tell } from './draft.js';
import type { Configured } from './monitor.js';

export function configure(draft: Draft, configured: Configured): void {
  const before = draft.services;
  const named = new Set(configured.specs.map(({ name }) => name));
  const gone = [...before.values()].filter(({ spec }) => !named.has(spec.name));
  draft.monitor = {
    ...draft.monitor,
    requires: configured.requires,
    after: configured.after,
    configProblems: configured.problems,
  };
  draft.copy = new Map();
  draft.services = draft.copy;
  for (const spec of configured.specs) {
    put(draft, before.get(spec.name) ?? newcomer(draft, spec, gone));
  }
  for (const spec of configured.specs) tell(draft, spec.name, { type: 'configured', spec });
  const added = configured.specs.filter(({ name }) => !before.has(name));
  for (const { name } of added) introduce(draft, name);
}

/** A service under a new name whose command or pid file is a removed one's is the same daemon. */
function newcomer(draft: Draft, spec: Spec, gone: readonly Service[]): Service {
  const same = gone.find((old) => isSameDaemon(old.spec, spec));
  return same === undefined ? fresh(spec, draft.context) : { ...same, spec };
}

function isSameDaemon(old: Spec, spec: Spec): boolean {
  if (old.pidfile !== null && old.pidfile === spec.pidfile) return true;
  return (
    old.launch.type === 'command' && JSON.stringify(old.launch) === JSON.stringify(spec.launch)
  );
}

function introduce(draft: Draft, name: string): void {
  const service = draft.services.get(name);
  if (service === undefined) return;
  const { desired, by } = wanted(name, service.wish, draft.monitor.stateFile);
  // Its first `desired` is no change: it is looked for first, whoever asks for it.
  put(draft, { ...service, desired, desiredBy: by });
  tell(draft, name, { type: 'begin' });
}
