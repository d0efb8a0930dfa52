/**
 * Starting a program as another user: setpriv(1) of util-linux sets the ids and the supplementary
 * groups and executes the program, which costs 1 ms.
 *
 * Ways that are faster and were not taken: libuv's uid and gid drop the supplementary groups.
 * posix_spawn(3) can only reset effective ids. To change the ids of this thread alone around the
 * spawn would let that user send signals to esmd meanwhile (kill(2) compares with the real id).
 */

import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { failed, ok, type Problem, type Result } from '../core/result.js';
import { askForGroup, askForUser } from './name-service.js';
import { findUser, groupId } from './users.js';

/** Null: as root, as esmd itself runs. */
export type Identity = Readonly<{ uid: number; gid: number; groups: 'init' | 'none' }> | null;

type Wanted = Readonly<{ user: string | null; group: string | null }>;

/** Numbers, once they are known. */
type Ids = Readonly<{ uid: number; gid: number | null; groups: 'init' | 'none' }>;

const isNumber = (key: string): boolean => /^\d+$/.test(key);

/** The identity, if the files of this machine know it; undefined: others have to be asked. */
export function localIdentity({ user, group }: Wanted): Result<Identity> | undefined {
  const ids = localIds(user);
  const gid = group === null ? null : groupId(group);
  if (ids === null || (group !== null && gid === null)) return undefined;
  return compose(ids, gid);
}

/** The identity, asking every source of users there is. Rejects if one of them does not answer. */
export async function findIdentity({ user, group }: Wanted): Promise<Result<Identity>> {
  const ids = localIds(user) ?? (await askForIds(user ?? ''));
  if (ids === null) {
    return failed(unknown('ESM_USER_UNKNOWN', `the user "${user ?? ''}" does not exist`));
  }
  if (group === null) return compose(ids, null);
  const gid = groupId(group) ?? Number((await askForGroup(group))?.[2] ?? Number.NaN);
  return Number.isNaN(gid)
    ? failed(unknown('ESM_GROUP_UNKNOWN', `the group "${group}" does not exist`))
    : compose(ids, gid);
}

function localIds(user: string | null): Ids | null {
  if (user === null) return { uid: 0, gid: 0, groups: 'init' };
  const found = findUser(user);
  return found === null ? null : { uid: found.uid, gid: found.gid, groups: 'init' };
}

async function askForIds(user: string): Promise<Ids | null> {
  const [, , uid, gid] = (await askForUser(user)) ?? [];
  if (uid !== undefined) return { uid: Number(uid), gid: Number(gid), groups: 'init' };
  // initgroups(3) goes by name: a user without one is in no group but that which is given.
  return isNumber(user) ? { uid: Number(user), gid: null, groups: 'none' } : null;
}

function compose({ uid, gid: own, groups }: Ids, given: number | null): Result<Identity> {
  const gid = given ?? own;
  if (gid === null) {
    const why = `the user ${uid} has no entry in /etc/passwd and so no group`;
    return failed(unknown('ESM_GROUP_UNKNOWN', why, 'Set a group'));
  }
  return ok(uid === 0 && gid === 0 ? null : { uid, gid, groups });
}

const unknown = (code: string, why: string, remedy?: string): Problem => ({
  code,
  message: `Cannot start as another user: ${why}`,
  ...(remedy === undefined ? {} : { remedy }),
});

const places = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv', '/sbin/setpriv'];
let setpriv: string | null | undefined;

/** The one of util-linux; that of busybox can set no ids. */
function findSetpriv(): string | null {
  for (const path of places) {
    try {
      if (basename(realpathSync(path)) !== 'busybox') return path;
    } catch {
      // Not here: the next place.
    }
  }
  return null;
}

/** What has to be executed so that `command` runs under that identity. */
export function asUser(command: readonly string[], identity: Identity): Result<readonly string[]> {
  if (identity === null) return ok(command);
  setpriv ??= findSetpriv(); // Looked for again as long as there is none.
  if (setpriv === null) {
    return failed({
      code: 'ESM_NO_SETPRIV',
      message: 'Cannot start as another user: setpriv of util-linux is missing',
      remedy: 'Install util-linux (on Alpine the package setpriv)',
    });
  }
  const { uid, gid, groups } = identity;
  const groupsOption = groups === 'init' ? '--init-groups' : '--clear-groups';
  return ok([setpriv, `--reuid=${uid}`, `--regid=${gid}`, groupsOption, '--', ...command]);
}
