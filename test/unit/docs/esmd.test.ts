/** esmd(8) has the options, exit codes, signals, states and files of the daemon. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paths } from '../../../src/core/paths.js';
import { exitCode } from '../../../src/daemon/exit-code.js';
import { Page, pageNames, readText } from './page.js';

const page = new Page('esmd.8');
const terms = (section: string): readonly string[] => page.items(section).map(({ term }) => term);

/** From the source: asking for help would end this process. */
test('esmd(8): the options', () => {
  const source = readText('src/daemon/options.ts');
  const known = [...source.matchAll(/'(--?[a-z]+)(?: <\w+>)?'/g)].map(([, flag = '']) => flag);
  const told = terms('OPTIONS').map((term) => `-${term.split(' ')[0] ?? ''}`);
  assert.deepEqual([...told].sort(), [...new Set(known)].sort());
});

test('esmd(8): the exit codes', () => {
  const wrapper = readText('init.d/esmd.wrapper.in');
  const ofWrapper = [...wrapper.matchAll(/^ *exit (\d+)$/gm)].map(([, code]) => Number(code));
  const known = new Set([...Object.values(exitCode), ...ofWrapper]);
  assert.deepEqual(
    terms('EXIT STATUS').map(Number),
    [...known].sort((a, b) => a - b),
  );
});

test('esmd(8): the signals', () => {
  const source = readText('src/daemon/signals.ts');
  const handled = new Set([...source.matchAll(/'(SIG[A-Z0-9]+)'/g)].map(([, name = '']) => name));
  const told = terms('SIGNALS').flatMap((term) => term.split(/[ ,]+/));
  // Nobody can handle SIGSTOP.
  assert.deepEqual([...told].sort(), [...handled, 'SIGSTOP'].sort());
});

test('esmd(8): the states', () => {
  const source = readText('src/core/service/record.ts');
  const states = new Set([...source.matchAll(/state: '(\w+)'/g)].map(([, state]) => state));
  assert.deepEqual(
    [...page.items('DESCRIPTION').map(({ term }) => term)].sort(),
    [...states].sort(),
  );
});

/** `/var/log/esmd/ Ns Ar NAME Ns Pa .log` as one word. */
const told = (name: string): string => new Page(name).source.replace(/ Ns (?:Ar|Pa) /g, '');

test('esmd(8): the files', () => {
  const source = told('esmd.8');
  const { services, logs, ...others } = paths;
  const all = [...Object.values(others), `${services}/NAME.toml`, `${logs}/NAME.log`];
  const isFolder = (path: string): boolean => all.some((one) => one.startsWith(`${path}/`));
  for (const path of all.filter((one) => !isFolder(one))) {
    assert.ok(source.includes(`.It Pa ${path}`), path);
  }
});

test('no page tells of a path that is not ours', () => {
  const lock = paths.stateFile.replace(/state$/, 'lock');
  const ours = [...Object.values(paths), lock];
  const isOurs = (path: string): boolean =>
    ours.some((one) => path.startsWith(one) || one.startsWith(`${path}/`));
  const named = pageNames.flatMap((name) =>
    [...told(name).matchAll(/\.It Pa (\/\S+)/g)].map(([, path = '']) => path),
  );
  assert.deepEqual(
    named.filter((path) => !isOurs(path)),
    [],
  );
});
