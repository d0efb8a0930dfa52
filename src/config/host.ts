/** Whether this machine has what a definition names: programs, users, groups. */

import { paths } from '../core/paths.js';
import type { ProblemCode } from '../core/problem-codes.js';
import type { Problem } from '../core/result.js';
import type { Spec } from '../core/service/spec.js';

/** What is asked of the machine. */
export interface Host {
  /** Why a program cannot, or as root must not, be run; null if it can. */
  checkProgram(path: string, asRoot: boolean): Problem | null;
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
  const asRoot = spec.user === null || spec.user === 'root' || spec.user === '0';
  const programs = [
    launch.type === 'command'
      ? { key: 'command[0]', path: launch.command[0], asRoot }
      : { key: 'start[0]', path: launch.start[0], asRoot },
    { key: 'stop[0]', path: stop?.[0], asRoot },
    // It is recognised by this, and not run.
    { key: 'match.exe', path: match?.exe, asRoot: false },
    {
      key: 'initscript',
      path: initscript === null ? undefined : `${folder}/${initscript}`,
      asRoot: true,
    },
  ];
  return programs.flatMap(({ key, path, asRoot: byRoot }) => {
    const problem = path === undefined ? null : host.checkProgram(path, byRoot);
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
