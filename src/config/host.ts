/** Whether this machine has what a definition names: programs, users, groups. */

import { paths } from '../core/paths.js';
import type { ProblemCode } from '../core/problem-codes.js';
import type { Problem } from '../core/result.js';
import type { Spec } from '../core/service/spec.js';

/** What is asked of the machine. */
export interface Host {
  /** Why a program cannot be run; null if it can. */
  checkProgram(path: string): Problem | null;
  /** By name or by number. */
  hasUser(name: string): boolean;
  hasGroup(name: string): boolean;
}

export type KeyProblem = Problem & Readonly<{ key: string }>;

export function checkSpec(spec: Spec, host: Host): readonly KeyProblem[] {
  return [...checkPrograms(spec, host), ...checkAccounts(spec, host)];
}

function checkPrograms(spec: Spec, host: Host): readonly KeyProblem[] {
  const { launch, stop, initscript, match } = spec;
  const folder = paths.controlScript.slice(0, paths.controlScript.lastIndexOf('/'));
  const programs = [
    launch.type === 'command'
      ? { key: 'command[0]', path: launch.command[0] }
      : { key: 'start[0]', path: launch.start[0] },
    { key: 'stop[0]', path: stop?.[0] },
    { key: 'match.exe', path: match?.exe },
    { key: 'initscript', path: initscript === null ? undefined : `${folder}/${initscript}` },
  ];
  return programs.flatMap(({ key, path }) => {
    const problem = path === undefined ? null : host.checkProgram(path);
    return problem === null ? [] : [{ ...problem, key }];
  });
}

function checkAccounts(spec: Spec, host: Host): readonly KeyProblem[] {
  const users = [
    { key: 'user', name: spec.user },
    { key: 'match.user', name: spec.match?.user ?? null },
  ].filter(({ name }) => name !== null && !host.hasUser(name));
  const problems = users.map(({ key, name }): KeyProblem => ({
    code: 'ESM_CONFIG_UNKNOWN_USER' satisfies ProblemCode,
    message: `Cannot find the user "${name ?? ''}": does not exist on this machine`,
    key,
  }));
  if (spec.group !== null && !host.hasGroup(spec.group)) {
    problems.push({
      code: 'ESM_CONFIG_UNKNOWN_GROUP' satisfies ProblemCode,
      message: `Cannot find the group "${spec.group}": does not exist on this machine`,
      key: 'group',
    });
  }
  return problems;
}
