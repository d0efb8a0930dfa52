/**
 * Users and groups that the files of this machine do not name: the other sources of
 * nsswitch.conf(5), such as LDAP, are asked through getent(1). Their libraries wait for a network
 * as long as they like, so they do it in a process of their own.
 */

import { execFile } from 'node:child_process';

const timeoutMs = 5000;

/** One line of passwd(5), in fields; null if nobody knows the user. Rejects without an answer. */
export const askForUser = (key: string): Promise<readonly string[] | null> => ask('passwd', key);

/** One line of group(5), in fields; null if nobody knows the group. Rejects without an answer. */
export const askForGroup = (key: string): Promise<readonly string[] | null> => ask('group', key);

function ask(database: 'passwd' | 'group', key: string): Promise<readonly string[] | null> {
  return new Promise((resolve, reject) => {
    execFile('getent', [database, key], { timeout: timeoutMs }, (error, stdout) => {
      // getent(1) exits with 2 where there is no such entry; where there is no getent, there are
      // no other sources. Killed after the time, or not even started, it has not answered.
      if (error === null) resolve(/^.+/.exec(stdout)?.[0].split(':') ?? null);
      else if (typeof error.code === 'number' || error.code === 'ENOENT') resolve(null);
      else reject(error.killed === true ? new Error(`no answer in ${timeoutMs} ms`) : error);
    });
  });
}
