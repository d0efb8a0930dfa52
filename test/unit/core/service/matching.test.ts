import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Candidate, Description } from '../../../../src/core/service/matching.js';
import { choose, fits } from '../../../../src/core/service/matching.js';
import { pid } from '../../../../src/core/units.js';

const candidate = (changes: Partial<Candidate> = {}): Candidate => ({
  pid: pid(100),
  ppid: pid(1),
  session: pid(100),
  isZombie: false,
  uid: 0,
  exe: '/usr/sbin/web',
  args: ['web', '-n', '-f', 'x'],
  marker: null,
  isOurs: true,
  ...changes,
});

const any: Description = {
  exe: '/usr/sbin/web',
  names: null,
  args: { type: 'any' },
  uids: [0],
};
const called = (...names: string[]): Description => ({ ...any, names });
const as = (...args: string[]): Candidate => candidate({ args });
const all = (...args: string[]): Description => ({ ...any, args: { type: 'arguments', args } });
const ending = (...args: string[]): Description => ({ ...any, args: { type: 'ending', args } });

const table: readonly (readonly [string, Candidate, Description, boolean])[] = [
  ['the executable and the user', candidate(), any, true],
  ['another executable', candidate({ exe: '/usr/sbin/webb' }), any, false],
  ['an executable that cannot be read', candidate({ exe: null }), any, false],
  ['a zombie', candidate({ isZombie: true }), any, false],
  ['another namespace or root', candidate({ isOurs: false }), any, false],
  ['another user', candidate({ uid: 1000 }), any, false],
  ['a user that cannot be read', candidate({ uid: null }), any, false],
  ['one of several users', candidate({ uid: 33 }), { ...any, uids: [0, 33] }, true],
  ['whatever user', candidate({ uid: 1000 }), { ...any, uids: null }, true],
  ['no user would do', candidate(), { ...any, uids: [] }, false],
  ['all arguments', candidate(), all('-n', '-f', 'x'), true],
  ['fewer arguments', candidate(), all('-n', '-f'), false],
  ['more arguments', candidate(), all('-n', '-f', 'x', 'y'), false],
  ['another argument', candidate(), all('-n', '-f', 'y'), false],
  ['no arguments', candidate({ args: ['web'] }), all(), true],
  ['arguments that cannot be read', candidate({ args: [] }), all('-n'), false],
  ['one of several programs in a file', as('httpd', '-n'), called('httpd', 'web'), true],
  ['its name behind a path', as('/sbin/httpd'), called('httpd', 'web'), true],
  ['the name of the file', as('/usr/sbin/web'), called('httpd', 'web'), true],
  ['another program in the same file', as('/sbin/ftpd'), called('httpd', 'web'), false],
  ['a title instead of a name', as('web: master /sbin/x'), called('httpd', 'web'), true],
  ['a script behind its interpreter', candidate(), ending('-f', 'x'), true],
  ['another script', candidate(), ending('-f', 'y'), false],
  [
    'a script with more arguments than there are',
    candidate({ args: ['x'] }),
    ending('-f', 'x'),
    false,
  ],
];

for (const [name, its, description, is] of table) {
  test(`fits: ${name}: ${is ? 'yes' : 'no'}`, () => {
    assert.equal(fits(its, description, false), is);
  });
}

test('fits: whom root vouches for may have become another user, and nothing else', () => {
  assert.ok(fits(candidate({ uid: 1000 }), any, true));
  assert.ok(fits(candidate({ uid: null }), any, true));
  assert.ok(!fits(candidate({ exe: '/bin/sh' }), any, true));
  assert.ok(!fits(candidate({ isOurs: false }), any, true));
});

const family = (...pairs: readonly (readonly [number, number])[]) =>
  choose(pairs.map(([own, parent]) => candidate({ pid: pid(own), ppid: pid(parent) })));

test('choose: none', () => {
  assert.deepEqual(family(), { type: 'absent' });
});

test('choose: the one', () => {
  assert.deepEqual(family([100, 1]), { type: 'found', pid: 100 });
});

test('choose: a parent before its workers, whatever their order', () => {
  assert.deepEqual(family([102, 101], [101, 100], [100, 1]), { type: 'found', pid: 100 });
});

test('choose: two that are not parent and child are ambiguous', () => {
  assert.deepEqual(family([100, 1], [101, 100], [200, 1]), { type: 'ambiguous', pids: [100, 200] });
});

test('choose: who may not be it is left out, and so are its children', () => {
  const list = [
    [100, 1],
    [101, 100],
    [200, 1],
  ].map(([own = 0, parent = 0]) => candidate({ pid: pid(own), ppid: pid(parent) }));
  const but = (left: number) => choose(list, (one) => one.pid !== left);
  assert.deepEqual(but(100), { type: 'found', pid: 200 });
  assert.deepEqual(but(200), { type: 'found', pid: 100 });
  assert.deepEqual(but(101), { type: 'ambiguous', pids: [100, 200] });
});

test('choose: each the parent of the other cannot be, and is nobody', () => {
  assert.deepEqual(family([100, 101], [101, 100]), { type: 'absent' });
});
