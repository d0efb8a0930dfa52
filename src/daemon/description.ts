/** What the processes of a service look like, by its definition and the files of this machine. */

import { basename } from 'node:path';
import type { Description } from '../core/service/matching.js';
import type { Spec } from '../core/service/spec.js';
import { executableOf, resolvedExe } from '../os/executable.js';
import { userId } from '../os/users.js';

/** Its main process; null where nothing says what it is. */
export function describeMain(spec: Spec): Description | null {
  const { match, launch } = spec;
  const uids = uidsOf(match?.user ?? spec.user ?? 'root');
  if (match !== null) {
    // Were it a script, its interpreter alone would be every other script as well.
    const exe = resolvedExe(match.exe);
    const { args } = match;
    const names = namesOf(match.exe, exe);
    return {
      exe,
      names,
      uids,
      args: args === null ? { type: 'any' } : { type: 'arguments', args },
    };
  }
  return launch.type === 'command' ? describeCommand(launch.command, uids) : null;
}

/** Its start command; null where it has none. */
export function describeStart({ launch, user }: Spec): Description | null {
  return launch.type === 'start' ? describeCommand(launch.start, uidsOf(user ?? 'root')) : null;
}

/** Whom its processes may belong to: root until setpriv(1) has made it another. */
export const possibleUids = (spec: Spec): ReadonlySet<number> =>
  new Set([0, ...uidsOf(spec.user ?? 'root'), ...uidsOf(spec.match?.user ?? 'root')]);

function describeCommand(command: readonly string[], uids: readonly number[]): Description {
  const [program = '', ...args] = command;
  const { exe, script } = executableOf(program);
  return script
    ? { exe, names: null, uids, args: { type: 'ending', args: command } }
    : { exe, names: namesOf(program, exe), uids, args: { type: 'arguments', args } };
}

/** A link to another name may mean one of several programs in one file, as in busybox. */
function namesOf(program: string, exe: string): Description['names'] {
  const names = [program, exe].map((path) => basename(path));
  return names[0] === names[1] ? null : names;
}

/** An unknown user owns no process. */
function uidsOf(user: string): readonly number[] {
  const uid = userId(user);
  return uid === null ? [] : [uid];
}
