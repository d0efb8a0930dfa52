import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { findUser, groupId, homeOf, userId, Users } from '../../src/os/users.js';
import { temporaryFolder } from '../helpers/tmp.js';

const passwd = `root:x:0:0:root:/root:/bin/bash
# comment:x:5:5::/:
syslog:x:104:110::/nonexistent:/usr/sbin/nologin
syslog:x:999:999:a second line:/:
twin:x:104:110::/twin:/bin/sh
1000:x:2000:2000:a name that looks like a number:/home/1000:/bin/sh
homeless:x:7:7:::
+::::::
-nobody::::::
broken
negative:x:-1:0::/:
fraction:x:1.5:0::/:
nouser:x:4294967295:0::/:
largest:x:4294967294:4294967294::/:
`;
const group = `root:x:0:
adm:x:4:syslog,root
adm:x:5:
+:::
`;

function usersOf(context: TestContext): readonly [Users, string, string] {
  const folder = temporaryFolder(context);
  const paths = [join(folder, 'passwd'), join(folder, 'group')] as const;
  writeFileSync(paths[0], passwd);
  writeFileSync(paths[1], group);
  return [new Users(...paths), ...paths];
}

test('userId: by name, by number, and null for what is neither', (t) => {
  const [users] = usersOf(t);
  const expected: Record<string, number | null> = {
    root: 0,
    syslog: 104,
    twin: 104,
    '1000': 2000,
    '1001': 1001,
    '0': 0,
    '4294967294': 4294967294,
    largest: 4294967294,
    '4294967295': null,
    '99999999999': null,
    nouser: null,
    nobody: null,
    '-nobody': null,
    '+': null,
    '': null,
    '#': null,
    '# comment': null,
    broken: null,
    negative: null,
    fraction: null,
    '-1': null,
    '1e3': null,
    ' 1': null,
    __proto__: null,
    constructor: null,
  };
  for (const [name, id] of Object.entries(expected)) assert.equal(users.userId(name), id, name);
});

test('groupId: the same', (t) => {
  const [users] = usersOf(t);
  assert.equal(users.groupId('adm'), 4);
  assert.equal(users.groupId('4'), 4);
  assert.equal(users.groupId('77'), 77);
  assert.equal(users.groupId('none'), null);
  assert.equal(users.groupId('+'), null);
});

test('find: the whole entry, also by number', (t) => {
  const [users] = usersOf(t);
  const syslog = { name: 'syslog', uid: 104, gid: 110, home: '/nonexistent' };
  assert.deepEqual(users.find('syslog'), syslog);
  assert.deepEqual(users.find('104'), syslog);
  assert.equal(users.find('105'), null);
});

test('a changed file is read again, a missing one leaves what was known', (t) => {
  const [users, path] = usersOf(t);
  assert.equal(users.userId('syslog'), 104);
  writeFileSync(`${path}.new`, passwd.replace('104', '105'));
  renameSync(`${path}.new`, path);
  assert.equal(users.userId('syslog'), 105);
  rmSync(path);
  assert.equal(users.userId('syslog'), 105);
  writeFileSync(path, 'other:x:1:1::/:\n');
  assert.equal(users.userId('syslog'), null);
  assert.equal(users.userId('other'), 1);
});

test('no file at all: numbers only', (t) => {
  const folder = temporaryFolder(t);
  const users = new Users(join(folder, 'passwd'), join(folder, 'group'));
  assert.equal(users.userId('root'), null);
  assert.equal(users.userId('12'), 12);
});

test('this machine: agrees with id(1)', () => {
  for (const name of ['root', 'daemon', 'nobody']) {
    const id = (option: string): number =>
      Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
    assert.equal(userId(name), id('-u'));
    assert.equal(findUser(name)?.gid, id('-g'));
  }
  assert.equal(groupId('root'), 0);
  assert.equal(homeOf('root'), '/root');
  assert.equal(homeOf('no-such-user'), null);
});
