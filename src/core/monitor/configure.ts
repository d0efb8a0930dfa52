/** What a new configuration changes: services come, change and go; nothing that runs is touched. */

import type { Service } from '../service/record.js';
import { fresh } from '../service/record.js';
import type { Spec } from '../service/spec.js';
import { wanted } from './desired.js';
import type { Draft } from './draft.js';
import { tell } from './draft.js';
import type { Configured } from './monitor.js';

export function configure(draft: Draft, configured: Configured): void {
  const before = draft.services;
  const keeps = configured.unreadable
    .map((name) => before.get(name))
    .filter((service) => service !== undefined);
  const named = new Set(configured.specs.map(({ name }) => name));
  const gone = [...before.values()].filter(
    ({ spec }) => !named.has(spec.name) && !configured.unreadable.includes(spec.name),
  );
  draft.monitor = {
    ...draft.monitor,
    requires: configured.requires,
    after: configured.after,
    configProblems: configured.problems,
  };
  draft.services = new Map();
  const added: string[] = [];
  for (const spec of configured.specs) {
    const known = before.get(spec.name);
    if (known === undefined) added.push(spec.name);
    draft.services.set(spec.name, known ?? newcomer(draft, spec, gone));
  }
  for (const service of keeps) draft.services.set(service.spec.name, service);
  for (const spec of configured.specs) tell(draft, spec.name, { type: 'configured', spec });
  for (const name of added) introduce(draft, name);
}

/** A service under a new name whose command or pid file is a removed one's is the same daemon. */
function newcomer(draft: Draft, spec: Spec, gone: readonly Service[]): Service {
  const same = gone.find((old) => isSameDaemon(old.spec, spec));
  return same ?? fresh(spec, draft.context);
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
  draft.services.set(name, { ...service, desired, desiredBy: by });
  tell(draft, name, { type: 'begin' });
}
