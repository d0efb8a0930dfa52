import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, type Assembled } from '../../../src/config/assemble.js';
import type { Configuration } from '../../../src/config/configuration.js';
import { DEFAULT_SETTINGS } from '../../../src/config/defaults.js';
import { diff } from '../../../src/config/diff.js';
import { keepLastGood } from '../../../src/config/keep.js';
import { decodeService } from '../../../src/config/service.js';
import { describeProblem } from '../../../src/core/result.js';
import type { Spec } from '../../../src/core/service/spec.js';

/** Each text is a file NAME.toml; what is said of a command is left to the reader. */
const put = (files: Readonly<Record<string, string>>): Assembled =>
  assemble(Object.entries(files).map(([name, text]) => decodeService(`${name}.toml`, name, text)));

const names = ({ specs }: Pick<Assembled, 'specs'>): readonly string[] => [...specs.keys()];
const told = ({ problems }: Pick<Assembled, 'problems'>): readonly string[] =>
  problems.map((problem) => `${problem.code} ${describeProblem(problem)}`);

const command = 'command = ["/x"]\n';

test('assemble: a broken file never affects another one', () => {
  const result = put({ b: 'command = 5', c: command, a: 'x', d: `${command}requires = ["b"]` });
  assert.deepEqual(names(result), ['c', 'd']);
  assert.deepEqual(result.unreadable, ['a', 'b']);
  assert.deepEqual(
    result.problems.map(({ file }) => file),
    ['a.toml', 'b.toml'],
  );
});

test('assemble: a file whose name is none is told, and is no service', () => {
  const result = put({ 'a b': command, c: command });
  assert.deepEqual([names(result), result.unreadable], [['c'], []]);
  assert.match(told(result)[0] ?? '', /^ESM_CONFIG_NAME a b\.toml: /);
});

test('assemble: names that differ in their letters alone are two services', () => {
  assert.deepEqual(names(put({ cron: command, Cron: command })), ['Cron', 'cron']);
});

test('assemble: of two files for one service the first counts', () => {
  const result = assemble([
    decodeService('draft/a.toml', 'a', `${command}user = "u"`),
    decodeService('a.toml', 'a', command),
  ]);
  assert.equal(result.specs.get('a')?.user, 'u');
  assert.deepEqual(told(result), [
    'ESM_CONFIG_DUPLICATE a.toml: Cannot use a second file for "a": draft/a.toml is used',
  ]);
});

test('assemble: the same pid file twice is told at both, and the first by name is kept', () => {
  const result = put({
    b: `${command}\nmatch.exe = "/b"\npidfile = "/var/run//x.pid"`,
    a: `${command}match.exe = "/a"\npidfile = "/run/x.pid"`,
    c: command,
  });
  assert.deepEqual([names(result), result.unreadable], [['a', 'c'], []]);
  assert.deepEqual(told(result), [
    'ESM_CONFIG_DUPLICATE a.toml:3: pidfile: Cannot share the pid file of "a" with "b": "a" is kept, being the first by name, and "b" is refused (give each its own)',
    'ESM_CONFIG_DUPLICATE b.toml:4: pidfile: Cannot share the pid file of "b" with "a": "a" is kept, being the first by name, and "b" is refused (give each its own)',
  ]);
});

const matches: readonly (readonly [string, string, boolean])[] = [
  ['exe = "/x"', 'exe = "/x"', true],
  ['exe = "/x"', 'exe = "/y"', false],
  ['exe = "/x", args = ["a"]', 'exe = "/x", args = ["b"]', false],
  ['exe = "/x", args = ["a"]', 'exe = "/x", args = ["a"]', true],
  ['exe = "/x", args = ["a"]', 'exe = "/x"', true],
  ['exe = "/x", user = "u"', 'exe = "/x", user = "v"', false],
  ['exe = "/x", user = "u"', 'exe = "/x"', true],
  ['exe = "/x", user = "u"', 'exe = "/x", user = "u"', true],
  ['exe = "/x", args = ["a"]', 'exe = "/x", user = "u"', true],
  ['exe = "/x", args = ["a"], user = "u"', 'exe = "/x", args = ["b"]', false],
];

for (const [a, b, isShared] of matches) {
  test(`assemble: { ${a} } and { ${b} } → ${isShared ? 'one is refused' : 'both are kept'}`, () => {
    const result = put({ a: `${command}match = { ${a} }`, b: `${command}match = { ${b} }` });
    assert.deepEqual(names(result), isShared ? ['a'] : ['a', 'b']);
    assert.equal(result.problems.length, isShared ? 2 : 0);
  });
}

test('assemble: the one that is refused takes nothing from a third', () => {
  const file = (exe: string, pidfile: string): string =>
    `${command}match.exe = "${exe}"\npidfile = "${pidfile}"`;
  const result = put({ a: file('/a', '/1'), b: file('/b', '/1'), c: file('/b', '/2') });
  assert.deepEqual(names(result), ['a', 'c']);
});

test('assemble: circles and unknown services are told at their key, and keep nothing out', () => {
  const result = put({
    a: `${command}requires = ["b"]`,
    b: `${command}\nafter = ["a"]`,
    cron: `${command}requires = ["crom"]`,
  });
  assert.deepEqual(names(result), ['a', 'b', 'cron']);
  assert.deepEqual(told(result), [
    'ESM_CONFIG_CYCLE a.toml:2: requires: Cannot order starts in a circle, and ignore these: "a" requires "b", "b" comes after "a" (remove one of them)',
    'ESM_CONFIG_UNKNOWN_SERVICE cron.toml:2: requires: Cannot order the start of "cron": "crom" in "requires" is not a service, and is ignored (did you mean "cron")',
  ]);
});

function configuration(
  files: Readonly<Record<string, string>>,
  extent: Configuration['extent'] = 'whole',
): Configuration {
  return { settings: DEFAULT_SETTINGS, extent, ...put(files) };
}

const good = (files: Readonly<Record<string, string>>): ReadonlyMap<string, Spec> =>
  put(files).specs;

test('keepLastGood: a broken file keeps its last good definition, a removed one does not', () => {
  const kept = keepLastGood(
    configuration({ b: 'broken', c: command, new: 'broken' }),
    good({ a: command, b: `${command}user = "u"`, c: `${command}user = "u"` }),
  );
  assert.deepEqual(names(kept), ['b', 'c']);
  assert.equal(kept.specs.get('b')?.user, 'u');
  assert.equal(kept.specs.get('c')?.user, null);
});

test('keepLastGood: where the folder could not be listed, everything is kept', () => {
  const kept = keepLastGood(configuration({}, 'unknown'), good({ a: command, b: command }));
  assert.deepEqual(names(kept), ['a', 'b']);
});

test('keepLastGood: a kept definition yields to a readable one with the same pid file', () => {
  const file = `${command}match.exe = "/x"\npidfile = "/run/x.pid"`;
  const kept = keepLastGood(configuration({ b: file, a: 'broken' }), good({ a: file }));
  assert.deepEqual(names(kept), ['b']);
  assert.match(
    told(kept).at(-1) ?? '',
    /^ESM_CONFIG_DUPLICATE Cannot keep the last good definition of "a": "b" now claims/,
  );
});

test('diff: what is added, changed and removed, by name', () => {
  const old = good({ a: command, b: command, c: command });
  const next = good({ b: `${command}user = "u"`, c: command, e: command, d: command });
  assert.deepEqual(diff(old, next), { added: ['d', 'e'], changed: ['b'], removed: ['a'] });
  assert.deepEqual(diff(old, old), { added: [], changed: [], removed: [] });
});

test('diff: the order in which variables are written changes nothing', () => {
  const a = good({ a: `${command}environment = { A = "1", B = "2" }` });
  const b = good({ a: `${command}environment = { B = "2", A = "1" }` });
  assert.deepEqual(diff(a, b).changed, []);
});
