import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfiguration } from '../../../src/config/check.js';
import { DEFAULT_SETTINGS } from '../../../src/config/defaults.js';
import type { Host } from '../../../src/config/host.js';
import { loadConfiguration } from '../../../src/config/load.js';
import type { DraftSource } from '../../../src/config/source.js';
import {
  describeProblem,
  failed,
  ok,
  type Problem,
  type Result,
} from '../../../src/core/result.js';
import { millis } from '../../../src/core/units.js';

const paths = { settings: '/e/esmd.toml', services: '/e/services' };

const missing = (file: string): Result<never> =>
  failed({ code: 'ESM_FILE_MISSING', message: 'Cannot read the file: it is missing', file });

/** Files by path; a problem is what the reader says of one. No folder without a file in it. */
function source(files: Readonly<Record<string, string | Problem>>): DraftSource {
  return {
    readDraft: (path) => {
      const content = files[path];
      if (content === undefined) return missing(path);
      return typeof content === 'string' ? ok({ text: content, problems: [] }) : failed(content);
    },
    read: (path) => {
      const content = files[path];
      if (content === undefined) return missing(path);
      return typeof content === 'string' ? ok(content) : failed(content);
    },
    list: (folder) => {
      const names = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      return names.length === 0
        ? missing(folder)
        : Promise.resolve(ok(names.map((path) => path.slice(folder.length + 1)).reverse()));
    },
  };
}

const command = 'command = ["/x"]\n';
const described = (problems: readonly Problem[]): readonly string[] =>
  problems.map(describeProblem);

test('loadConfiguration: no settings are no problem, no folder is one', async () => {
  const { settings, specs, problems, unreadable, extent } = await loadConfiguration(
    paths,
    source({}),
  );
  assert.deepEqual(
    [settings, specs.size, unreadable, extent],
    [DEFAULT_SETTINGS, 0, [], 'unknown'],
  );
  assert.deepEqual(described(problems), [
    '/e/services: Cannot read the folder of services, and so no service is added or removed: it does not exist (make the folder, and put a file NAME.toml into it for each daemon)',
  ]);
});

test('loadConfiguration: a folder that is refused is one problem', async () => {
  const refusal = { code: 'ESM_FOLDER_WRITABLE', message: 'Cannot trust the folder', file: '/e' };
  const { problems, extent } = await loadConfiguration(paths, {
    ...source({}),
    list: () => failed(refusal),
  });
  assert.deepEqual(
    [extent, problems.map(({ code, file }) => [code, file])],
    ['unknown', [['ESM_CONFIG_NO_FOLDER', '/e/services']]],
  );
});

test('loadConfiguration: only NAME.toml counts, and a broken one spoils no other', async () => {
  const unreadable = {
    code: 'ESM_FILE_NOT_REGULAR',
    message: 'Cannot read the file: it is a FIFO',
  };
  const configuration = await loadConfiguration(
    paths,
    source({
      '/e/services/b.toml': command,
      '/e/services/a.toml': `${command}user = 5`,
      '/e/services/fifo.toml': unreadable,
      '/e/services/.c.toml': 'x',
      '/e/services/.toml': 'x',
      '/e/services/b.toml~': 'x',
      '/e/services/b.toml.bak': 'x',
      '/e/services/b.toml.dpkg-old': 'x',
      '/e/services/README': 'x',
      '/e/services/a b.toml': command,
    }),
  );
  assert.deepEqual([...configuration.specs.keys()], ['b']);
  assert.deepEqual(configuration.unreadable, ['a', 'fifo']);
  assert.equal(configuration.extent, 'whole');
  assert.deepEqual(
    configuration.problems.map(({ code, file }) => [code, file]),
    [
      ['ESM_CONFIG_NAME', '/e/services/a b.toml'],
      ['ESM_CONFIG_VALUE', '/e/services/a.toml'],
      ['ESM_FILE_NOT_REGULAR', '/e/services/fifo.toml'],
    ],
  );
});

test('loadConfiguration: a file that is gone when it is read was removed', async () => {
  const there = source({ '/e/services/a.toml': command });
  const { specs, problems, unreadable } = await loadConfiguration(paths, {
    ...there,
    list: () => ok(['a.toml', 'gone.toml']),
  });
  assert.deepEqual([[...specs.keys()], problems, unreadable], [['a'], [], []]);
});

test('loadConfiguration: the settings reach the services, the command line wins', async () => {
  const files = source({ '/e/esmd.toml': 'retry_interval = "5s"', '/e/services/a.toml': command });
  const byFile = await loadConfiguration(paths, files);
  assert.equal(byFile.specs.get('a')?.restart.retryInterval, 5000);
  const byOption = await loadConfiguration(paths, files, {
    overrides: { retryInterval: null, priority: 'alert' },
  });
  assert.deepEqual(byOption.settings, { retryInterval: null, priority: 'alert' });
  assert.equal(byOption.specs.get('a')?.restart.retryInterval, null);
});

test('loadConfiguration: broken settings keep the last good ones, missing ones the defaults', async () => {
  const lastGood = { priority: 'alert', retryInterval: millis(7) } as const;
  const files = { '/e/services/a.toml': command };
  const broken = await loadConfiguration(
    paths,
    source({ ...files, '/e/esmd.toml': 'priority = 1' }),
    { lastGood },
  );
  assert.deepEqual([broken.settings, broken.problems.length], [lastGood, 1]);
  const unread = { code: 'ESM_FILE_WRITABLE', message: 'Cannot read the file' };
  const refused = await loadConfiguration(paths, source({ ...files, '/e/esmd.toml': unread }), {
    lastGood,
  });
  assert.deepEqual(
    [refused.settings, described(refused.problems)],
    [lastGood, ['/e/esmd.toml: Cannot read the file']],
  );
  const none = await loadConfiguration(paths, source(files), { lastGood });
  assert.deepEqual(none.settings, DEFAULT_SETTINGS);
});

test('loadConfiguration: others have their turn while a hundred files are decoded', async () => {
  const files = Array.from({ length: 100 }, (_, i) => [`/e/services/s${i}.toml`, command]);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const { specs } = await loadConfiguration(
    paths,
    source(Object.fromEntries(files) as Record<string, string>),
  );
  clearImmediate(timer);
  assert.equal(specs.size, 100);
  assert.ok(turns >= 5, `${turns} turns`);
});

const bare: Host = {
  checkProgram: (path) =>
    path === '/x' ? null : { code: 'ESM_PROGRAM', message: `Cannot run ${path}: is missing` },
  hasUser: (name) => name === 'root',
  hasGroup: (name) => name === 'root',
};

test('checkConfiguration: what the machine does not have, at its key', async () => {
  const text = `start = ["/s"]
stop = ["/x"]
initscript = "cron"
match = { exe = "/y",
  user = "u" }
user = "v"
group = "w"
`;
  const problems = await checkConfiguration(
    paths,
    source({ '/e/services/a.toml': text, '/e/services/b.toml': 'broken' }),
    bare,
  );
  assert.deepEqual(described(problems), [
    '/e/services/b.toml:1: Cannot read the file as TOML: incomplete key-value: cannot find end of key',
    '/e/services/a.toml:1: start[0]: Cannot run /s: is missing',
    '/e/services/a.toml:4: match.exe: Cannot run /y: is missing',
    '/e/services/a.toml:3: initscript: Cannot run /etc/init.d/cron: is missing',
    '/e/services/a.toml:6: user: Cannot find the user "v": does not exist on this machine',
    '/e/services/a.toml:5: match.user: Cannot find the user "u": does not exist on this machine',
    '/e/services/a.toml:7: group: Cannot find the group "w": does not exist on this machine',
  ]);
});

test('checkConfiguration: nothing is wrong with what is right', async () => {
  const files = source({ '/e/services/a.toml': `${command}user = "root"` });
  assert.deepEqual(await checkConfiguration(paths, files, bare), []);
});

test('checkConfiguration: a draft is seen among the others, and only it is told of', async () => {
  const files = source({
    '/e/services/a.toml': 'broken',
    '/e/services/b.toml': `${command}match.exe = "/x"`,
    '/e/services/c.toml': `${command}requires = ["nobody"]`,
    'draft/a.toml': `${command}match.exe = "/x"\nrequires = ["c", "d"]`,
  });
  const problems = await checkConfiguration(paths, files, bare, ['draft/a.toml']);
  assert.deepEqual(
    problems.map(({ code, file, line }) => [code, file, line]),
    [
      ['ESM_CONFIG_DUPLICATE', 'draft/a.toml', 2],
      ['ESM_CONFIG_UNKNOWN_SERVICE', 'draft/a.toml', 3],
    ],
  );
});

test('checkConfiguration: an installed file by its name is no second one', async () => {
  const files = source({ '/e/services/a.toml': command });
  assert.deepEqual(await checkConfiguration(paths, files, bare, ['/e/services/a.toml']), []);
});

test('checkConfiguration: a draft that esmd would not read is checked all the same', async () => {
  const refused = (file: string): Problem => ({
    code: 'ESM_FILE_NOT_ROOTS',
    message: 'Cannot read the file',
    file,
  });
  const texts = new Map([
    ['draft/a.toml', 'command = ["/x"]\nusr = "root"'],
    ['draft/b.toml', 'command = ["/x"]\nuser = "v"'],
    ['draft/esmd.toml', 'priority = "x"'],
  ]);
  const drafts: DraftSource = {
    ...source(Object.fromEntries([...texts.keys()].map((file) => [file, refused(file)]))),
    readDraft: (file) => ok({ text: texts.get(file) ?? '', problems: [refused(file)] }),
  };
  const problems = await checkConfiguration(paths, drafts, bare, [...texts.keys()]);
  assert.deepEqual(problems.map(({ code, file }) => `${file}: ${code}`).sort(), [
    'draft/a.toml: ESM_CONFIG_UNKNOWN_KEY',
    'draft/a.toml: ESM_FILE_NOT_ROOTS',
    'draft/b.toml: ESM_CONFIG_UNKNOWN_USER',
    'draft/b.toml: ESM_FILE_NOT_ROOTS',
    'draft/esmd.toml: ESM_CONFIG_VALUE',
    'draft/esmd.toml: ESM_FILE_NOT_ROOTS',
  ]);
});

test('checkConfiguration: settings and files that are not there', async () => {
  const files = source({ 'draft/esmd.toml': 'priority = "x"' });
  const named = ['draft/esmd.toml', 'no/esmd.toml', 'no.toml'];
  const problems = await checkConfiguration(paths, files, bare, named);
  assert.deepEqual(
    problems.map(({ code, file }) => [code, file]),
    [
      ['ESM_CONFIG_VALUE', 'draft/esmd.toml'],
      ['ESM_FILE_MISSING', 'no/esmd.toml'],
      ['ESM_FILE_MISSING', 'no.toml'],
    ],
  );
});
