/** From what a service asks for to what is executed: nothing is changed or started here. */

import { ok, type Problem, type Result } from '../core/result.js';
import { getLimit } from './libc/limit.js';
import { remoteMountOn, type Mounts } from './mounts.js';
import type { SpawnRequest } from './os.js';
import { examineProgram } from './program.js';
import { fromRemote, withDescriptorLimit, withinCgroup } from './spawn-shell.js';
import { limitRefused } from './spawn-surroundings.js';
import { asUser, type Identity } from './spawn-user.js';

export type Plan = Readonly<{
  argv: readonly string[];
  directory: string;
  /** NAME=VALUE. */
  environment: readonly string[];
  /** The limit of open files that esmd takes on around the spawn; null: the usual one. */
  nofile: number | null;
  warnings: readonly Problem[];
}>;

type Machine = Readonly<{ mounts: Mounts; mayRaise: boolean }>;

/** Problems: those of the program, and setpriv that is missing. */
export function planSpawn(
  request: SpawnRequest,
  identity: Identity,
  machine: Machine,
): Result<Plan> {
  const program = request.command[0] ?? '';
  const asRoot = identity === null || identity.uid === 0;
  const where = examineProgram(program, { asRoot, mounts: machine.mounts });
  if (!where.ok) return where;
  const command = asUser(request.command, identity);
  if (!command.ok) return command;
  const limited = limit(command.value, request.nofile, machine.mayRaise);
  const isProgramRemote = where.value === 'remote';
  const isRemote = isProgramRemote || remoteMountOn(request.directory, machine.mounts) !== null;
  const argv = isRemote
    ? fromRemote(request.directory, program, isProgramRemote && asRoot, limited.argv)
    : limited.argv;
  const { cgroup, placement } = request;
  return ok({
    nofile: limited.nofile,
    warnings: limited.warnings,
    argv: cgroup !== null && placement === 'itself' ? withinCgroup(cgroup, argv) : argv,
    directory: isRemote ? '/' : request.directory,
    environment: Object.entries(request.environment).map(([name, value]) => `${name}=${value}`),
  });
}

type Limited = Pick<Plan, 'argv' | 'nofile' | 'warnings'>;

/** Lowering our own hard limit for a moment is out of the question where it could not go back. */
function limit(argv: readonly string[], nofile: number | null, mayRaise: boolean): Limited {
  if (nofile === null || mayRaise) return { argv, nofile, warnings: [] };
  const hard = Number(getLimit('openFiles').hard);
  const warnings =
    nofile > hard ? [limitRefused(nofile, `it is above ${hard} and cannot be raised`)] : [];
  return { argv: withDescriptorLimit(Math.min(nofile, hard), argv), nofile: null, warnings };
}
