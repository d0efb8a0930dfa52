/** What a new configuration changes: services come, change and go; nothing that runs is touched. */

import type { Service } from '../service/record.js';
import { fresh } from '../service/record.js';
import type { Spec } from '../service/spec.js';
import { wanted } from './desired.js';
import type { Draft } from './draft.js';
import { put, tell, want } from './draft.js';
import type { Configured } from './monitor.js';

export function configure(draft: Draft, configured: Configured): void {
  const before = draft.services;
  const named = new Set(configured.specs.map(({ name }) => name));
  const gone = new Map([...before].filter(([name]) => !named.has(name)));
  draft.monitor = {
    ...draft.monitor,
    requires: configured.requires,
    after: configured.after,
    configProblems: configured.problems,
  };
  draft.copy = new Map();
  draft.services = draft.copy;
  for (const spec of configured.specs) {
    put(draft, before.get(spec.name) ?? takenOver(gone, spec) ?? newcomer(draft, spec));
  }
  for (const spec of configured.specs) tell(draft, spec.name, { type: 'configured', spec });
  for (const { name } of configured.specs) {
    if (before.has(name)) continue;
    want(draft, name);
    // What was asked about it under its old name is answered to nobody.
    tell(draft, name, { type: 'begin' });
  }
}

/** A service under a new name whose command or pid file is a removed one's is the same daemon. */
function takenOver(gone: Map<string, Service>, spec: Spec): Service | null {
  for (const [name, old] of gone) {
    if (!isSameDaemon(old.spec, spec)) continue;
    gone.delete(name);
    return { ...old, spec };
  }
  return null;
}

/** What is first wanted of it is no change: it is looked for, whoever asks for it. */
function newcomer(draft: Draft, spec: Spec): Service {
  const { desired, by } = wanted(spec.name, 'none', draft.monitor.stateFile);
  return { ...fresh(spec, draft.context), desired, desiredBy: by };
}

function isSameDaemon(old: Spec, spec: Spec): boolean {
  if (old.pidfile !== null && old.pidfile === spec.pidfile) return true;
  return (
    old.launch.type === 'command' && JSON.stringify(old.launch) === JSON.stringify(spec.launch)
  );
}
