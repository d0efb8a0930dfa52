/** The files under test/fixtures/conf and init.d/samples, decoded as esmd decodes them. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assemble } from '../../src/config/assemble.js';
import { DEFAULT_SETTINGS } from '../../src/config/defaults.js';
import { FILE_LIMIT } from '../../src/config/document.js';
import { loadConfiguration } from '../../src/config/load.js';
import { serviceKeys, settingsKeys } from '../../src/config/schema.js';
import { decodeService } from '../../src/config/service.js';
import { decodeSettings } from '../../src/config/settings.js';
import { PROBLEM_CODES } from '../../src/core/problem-codes.js';
import { describeProblem, failed, ok, type Problem } from '../../src/core/result.js';
import { readChecked } from '../../src/os/file.js';
import { temporaryFolder } from '../helpers/tmp.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bad = join(root, 'test/fixtures/conf/bad');
const good = join(root, 'test/fixtures/conf/good');
const samples = join(root, 'init.d/samples');

const read = (path: string): string => readFileSync(path, 'utf8');

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.toml'));

/** A file whose name begins with "esmd" is one of settings. */
function problemsOf(path: string): readonly Problem[] {
  const file = basename(path);
  const name = file.replace(/\.toml$/, '');
  return name.startsWith('esmd')
    ? decodeSettings(file, read(path)).problems
    : decodeService(file, name, read(path)).problems;
}

for (const file of filesIn(bad)) {
  test(`bad/${file}: has the problems that are written beside it`, () => {
    const problems = problemsOf(join(bad, file));
    const told = problems.map((problem) => `${problem.code} ${describeProblem(problem)}\n`);
    assert.equal(told.join(''), read(join(bad, file.replace(/\.toml$/, '.problems.txt'))));
    assert.ok(told.length > 0);
    for (const { code } of problems) assert.ok(code in PROBLEM_CODES, code);
  });
}

test('bad: every list of problems has its file', () => {
  const lists = readdirSync(bad).filter((name) => name.endsWith('.problems.txt'));
  assert.deepEqual(
    lists.map((name) => name.replace('.problems.txt', '.toml')),
    filesIn(bad),
  );
});

test('the manual lists the codes of configuration and state file, and no others', () => {
  const listed = ['esmd.toml.5', 'esm.state.5'].flatMap(
    (page) => read(join(root, 'man', page)).match(/ESM_[A-Z_]+/g) ?? [],
  );
  assert.deepEqual([...new Set(listed)].sort(), Object.keys(PROBLEM_CODES).sort());
});

test('good: every file is right, and so are all of them together', () => {
  const services = filesIn(good).filter((file) => file !== 'esmd.toml');
  const decoded = services.map((file) =>
    decodeService(file, file.replace(/\.toml$/, ''), read(join(good, file))),
  );
  assert.deepEqual(assemble(decoded).problems.map(describeProblem), []);
  assert.deepEqual(problemsOf(join(good, 'esmd.toml')), []);
});

test('samples: the services are right by themselves and together', async () => {
  const { specs, problems } = await loadConfiguration(
    { settings: join(samples, 'esmd.toml'), services: join(samples, 'services') },
    {
      read: (path) => {
        // Whose the checkout is says nothing about the samples.
        const content = readChecked(path, { maxBytes: FILE_LIMIT, owner: 'any' });
        return content.ok ? ok(content.value.text) : failed(content.problem);
      },
      list: (folder) => ok(readdirSync(folder)),
    },
  );
  assert.deepEqual(problems.map(describeProblem), []);
  assert.deepEqual([...specs.keys()], ['cron', 'dbus', 'rsyslogd', 'sshd']);
});

test('samples: esmd.toml has every key, at its default', () => {
  const text = read(join(samples, 'esmd.toml'));
  assert.deepEqual(decodeSettings('esmd.toml', text), {
    settings: DEFAULT_SETTINGS,
    problems: [],
  });
  for (const key of settingsKeys.get('') ?? []) assert.match(text, new RegExp(`^${key} = `, 'm'));
});

test('samples: service.toml has every key, and those with a default at it', () => {
  const text = read(join(samples, 'service.toml'));
  const told = decodeService('service.toml', 'NAME', text.replace(/^#(?=[a-z[])/gm, ''));
  assert.deepEqual(told.problems.map(describeProblem), []);
  const plain = 'command = ["/usr/local/sbin/program", "--foreground"]';
  assert.deepEqual(told.spec, decodeService('service.toml', 'NAME', plain).spec);
  for (const [table, keys] of serviceKeys) {
    for (const key of keys) {
      const form = table === 'match' ? `[{ ]${key} = ` : `^(# |#)?(${key} = |\\[${key}\\])`;
      assert.match(text, new RegExp(form, 'm'), `${table}.${key}`);
    }
  }
});

test('samples: service.toml is right where what it shows besides is used', () => {
  const shown = read(join(samples, 'service.toml'))
    .replace(/^#(?=[a-z[])/gm, '')
    .replace(/^# (?=[a-z_]+ = |\[)/gm, '')
    .replace(/^command = .*$/m, '');
  const { spec, problems } = decodeService('service.toml', 'NAME', shown);
  assert.deepEqual(problems.map(describeProblem), []);
  assert.equal(spec?.launch.type, 'start');
  assert.equal(spec.limits.nofile, 65_536);
});

test('a folder of bad weather: each file that is refused is told, and the good one is used', async (t) => {
  const folder = temporaryFolder(t);
  const put = (name: string, text = 'command = ["/bin/true"]\n'): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o644 });
    return path;
  };
  put('good.toml');
  put('empty.toml', '');
  put('large.toml', '#\n'.repeat(5_000_000));
  chownSync(put('stranger.toml'), 65_534, 65_534);
  chmodSync(put('writable.toml'), 0o666);
  symlinkSync(join(folder, 'good.toml'), join(folder, 'link.toml'));
  mkdirSync(join(folder, 'folder.toml'));
  execFileSync('mkfifo', [join(folder, 'fifo.toml')]);
  put('good.toml~', 'nonsense');
  put('.#good.toml', 'nonsense');

  const configuration = await loadConfiguration(
    { settings: join(folder, 'none/esmd.toml'), services: folder },
    {
      read: (path) => {
        const content = readChecked(path, { maxBytes: FILE_LIMIT, owner: 'root' });
        return content.ok ? ok(content.value.text) : content;
      },
      list: (path) => ok(readdirSync(path)),
    },
  );
  assert.deepEqual([...configuration.specs.keys()], ['good']);
  assert.deepEqual(
    configuration.problems.map(({ code, file }) => [basename(file ?? ''), code]),
    [
      ['empty.toml', 'ESM_CONFIG_MISSING'],
      ['fifo.toml', 'ESM_FILE_NOT_REGULAR'],
      ['folder.toml', 'ESM_FILE_NOT_REGULAR'],
      ['large.toml', 'ESM_FILE_TOO_LARGE'],
      ['link.toml', 'ESM_FILE_NOT_REGULAR'],
      ['stranger.toml', 'ESM_FILE_NOT_ROOTS'],
      ['writable.toml', 'ESM_FILE_WRITABLE'],
    ],
  );
  assert.deepEqual(
    configuration.unreadable.map((name) => `${name}.toml`),
    configuration.problems.map(({ file }) => basename(file ?? '')),
  );
});
