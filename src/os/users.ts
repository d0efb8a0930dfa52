/**
 * Users and groups from /etc/passwd and /etc/group, read again when they have changed. Users of
 * other databases (LDAP, NIS) are not known by name here: asking them can block, and a service has
 * to start without a network. Their numbers work.
 */

import { readChecked } from './file.js';
import { Fingerprint } from './fingerprint.js';

export type User = Readonly<{ name: string; uid: number; gid: number; home: string }>;

/** Larger ones exist nowhere; and a limit there has to be. */
const maxBytes = 16 * 1024 * 1024;

/** 2^32 - 1 is "no user": chown(2) and setreuid(2) take it for "leave as it is". */
const largestId = 0xffff_fffe;

/** One of the two files, by name and by number, as of its stamp. */
class Database<T> {
  readonly #path: string;
  readonly #parse: (fields: readonly string[]) => readonly [number, T] | null;
  #print: Fingerprint | null = null;
  #byName = new Map<string, T>();
  #byId = new Map<number, T>();

  constructor(path: string, parse: (fields: readonly string[]) => readonly [number, T] | null) {
    this.#path = path;
    this.#parse = parse;
  }

  named(name: string): T | null {
    this.#refresh();
    return this.#byName.get(name) ?? null;
  }

  numbered(id: number): T | null {
    this.#refresh();
    return this.#byId.get(id) ?? null;
  }

  /** A file that cannot be read leaves what was known: it is being replaced, or will be. */
  #refresh(): void {
    if (this.#print?.hasChanged() === false) return;
    this.#print ??= new Fingerprint(this.#path, 'follow');
    const content = readChecked(this.#path, { maxBytes, owner: 'any', links: 'follow' });
    if (!content.ok) {
      this.#print = null;
      return;
    }
    this.#byName = new Map();
    this.#byId = new Map();
    for (const line of content.value.text.split('\n')) this.#add(line.split(':'));
  }

  /** As getpwnam(3), the first of several lines with a name counts. */
  #add(fields: readonly string[]): void {
    const [name = ''] = fields;
    const entry = /^[+-]?$/.test(name) || name.startsWith('#') ? null : this.#parse(fields);
    if (entry === null) return;
    const [id, value] = entry;
    if (!this.#byName.has(name)) this.#byName.set(name, value);
    if (!this.#byId.has(id)) this.#byId.set(id, value);
  }
}

/** Users and groups of the given files; see passwd(5) and group(5). */
export class Users {
  readonly #users: Database<User>;
  readonly #groups: Database<number>;

  constructor(passwd = '/etc/passwd', group = '/etc/group') {
    this.#users = new Database(passwd, ([name = '', , uid, gid, , home = '']) => {
      const [user, main] = [toId(uid), toId(gid)];
      return user === null || main === null ? null : [user, { name, uid: user, gid: main, home }];
    });
    this.#groups = new Database(group, ([, , gid]) => {
      const id = toId(gid);
      return id === null ? null : [id, id];
    });
  }

  /** By name or number; a number without an entry is no user here, though `userId` takes it. */
  find(user: string): User | null {
    const id = toId(user);
    return this.#users.named(user) ?? (id === null ? null : this.#users.numbered(id));
  }

  /** The number of a user; a name that looks like a number is first looked up, as chown(1) does. */
  userId(user: string): number | null {
    return this.#users.named(user)?.uid ?? toId(user);
  }

  groupId(group: string): number | null {
    return this.#groups.named(group) ?? toId(group);
  }
}

function toId(text: string | undefined): number | null {
  const id = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return id <= largestId ? id : null;
}

const system = new Users();

/** The number of a user of this machine, by name or number; null if there is no such name. */
export const userId = (user: string): number | null => system.userId(user);

/** The number of a group of this machine, by name or number; null if there is no such name. */
export const groupId = (group: string): number | null => system.groupId(group);

/** The user with that name or number; null for a number without an entry, too. */
export const findUser = (user: string): User | null => system.find(user);

/** Home directory; null for a user without an entry or without a home. */
export function homeOf(user: string): string | null {
  const home = findUser(user)?.home ?? '';
  return home === '' ? null : home;
}
