/** What a service's process is given: everything from its definition, nothing from esmd. */

import type { Purpose, Service } from '../core/service/record.js';
import type { Spec } from '../core/service/spec.js';
import type { Cgroups, SpawnRequest } from '../os/os.js';
import { servicePath } from '../os/executable.js';
import { homeOf } from '../os/users.js';

export function spawnRequest(
  service: Service,
  purpose: Purpose,
  cgroups: Cgroups,
  isLast: boolean,
): SpawnRequest {
  const { spec } = service;
  const folder = cgroups.folder(spec.name);
  const limited = spec.limits.memoryMax !== null && cgroups.hasMemory;
  return {
    command: commandFor(spec, purpose),
    user: spec.user,
    group: spec.group,
    directory: spec.directory,
    umask: spec.umask,
    environment: environmentOf(service, purpose),
    log: spec.log,
    nofile: spec.limits.nofile,
    cgroup: folder,
    placement: limited ? 'before' : purpose === 'start' ? 'itself' : 'after',
    isLast,
  };
}

function commandFor(spec: Spec, purpose: Purpose): readonly string[] {
  if (purpose === 'stop') return spec.stop ?? [];
  return spec.launch.type === 'command' ? spec.launch.command : spec.launch.start;
}

let rootsHome: string | null = null;

/** That of root does not move, and to ask for it would cost every restart a look at a file. */
const home = (user: string): string =>
  user === 'root' ? (rootsHome ??= homeOf(user) ?? '/') : (homeOf(user) ?? '/');

function environmentOf(
  { spec, incarnation }: Service,
  purpose: Purpose,
): Readonly<Record<string, string>> {
  const user = spec.user ?? 'root';
  return {
    PATH: servicePath,
    HOME: home(user),
    USER: user,
    LOGNAME: user,
    SHELL: '/bin/sh',
    ...spec.environment,
    // By these a process is known again that was started just before esmd died. What stops the
    // daemon must not be taken for it.
    ESMD_SERVICE: spec.name,
    ESMD_INCARNATION: String(purpose === 'stop' ? 0 : incarnation),
  };
}
