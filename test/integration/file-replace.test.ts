import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Problem, Result } from '../../src/core/result.js';
import { replaceFile, replaceFileSync } from '../../src/os/file-replace.js';
import { temporaryFolder } from '../helpers/tmp.js';

const module = new URL('../../src/os/file-replace.js', import.meta.url).href;

function problemOf<T>(result: Result<T>): Problem {
  assert.equal(result.ok, false);
  return result.problem;
}

/** Runs a module's text in another process; `before` is a shell command that ends in `exec`. */
function runScript(before: string, script: string, ...args: string[]): string {
  const importing = `
    import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
    import { replaceFile, replaceFileSync } from '${module}';`;
  return execFileSync(
    'sh',
    [
      '-c',
      before,
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      importing + script,
      ...args,
    ],
    { encoding: 'utf8', timeout: 20_000 },
  );
}

for (const [name, replace] of Object.entries({ replaceFile, replaceFileSync })) {
  test(`${name}: a new file of the given mode, and nothing else in the folder`, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'table.json');
    const before = process.umask(0o077);
    t.after(() => process.umask(before));
    for (const [text, mode] of [
      ['one', 0o644],
      ['', 0o600],
      ['x'.repeat(1_000_000), 0o640],
    ] as const) {
      assert.ok((await replace(path, text, mode)).ok);
      assert.equal(readFileSync(path, 'utf8'), text);
      assert.equal(statSync(path).mode & 0o7777, mode);
    }
    assert.deepEqual(readdirSync(folder), ['table.json']);
  });

  test(`${name}: replaces a name, never what it leads to`, async (t) => {
    const folder = temporaryFolder(t);
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    const path = join(folder, 'path');
    symlinkSync(victim, path);
    symlinkSync(victim, join(folder, '.path.new'));
    symlinkSync(victim, join(folder, '.path.last'));
    assert.ok((await replace(path, 'text', 0o600)).ok);
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.equal(readFileSync(path, 'utf8'), 'text');
    linkSync(path, join(folder, 'old'));
    assert.ok((await replace(path, 'newer', 0o600)).ok);
    assert.equal(readFileSync(join(folder, 'old'), 'utf8'), 'text', 'whoever has it open keeps it');
  });

  test(`${name}: a problem, and no remains, where it cannot`, async (t) => {
    const folder = temporaryFolder(t);
    const none = problemOf(await replace(join(folder, 'none', 'f'), 'x', 0o600));
    assert.equal(none.code, 'ESM_FILE_NOT_WRITTEN');
    assert.match(none.message, /ENOENT/);
    mkdirSync(join(folder, 'taken'));
    assert.match(problemOf(await replace(join(folder, 'taken'), 'x', 0o600)).message, /EISDIR/);
    assert.deepEqual(readdirSync(folder), ['taken']);
  });

  test(`${name}: on a full disk the old file stays`, (t) => {
    const folder = temporaryFolder(t);
    const enter = `exec unshare --mount sh -c '
      mount -t tmpfs -o size=64k tmpfs ${folder} && exec "$@"' sh "$@"`;
    const script = `
      const folder = ${JSON.stringify(folder)}, path = folder + '/f';
      const replace = ${name};
      writeFileSync(path, 'old'.repeat(5000));
      const first = await replace(path, 'x'.repeat(60_000), 0o600);
      console.log(first.problem.code, first.problem.message.includes('ENOSPC'));
      console.log(first.problem.remedy);
      console.log(readFileSync(path, 'utf8') === 'old'.repeat(5000), readdirSync(folder).join());
      console.log((await replace(path, 'y'.repeat(40_000), 0o600)).ok);
      console.log(readFileSync(path, 'utf8') === 'y'.repeat(40_000), readdirSync(folder).join());`;
    assert.deepEqual(runScript(enter, script).trim().split('\n'), [
      'ESM_FILE_NOT_WRITTEN true',
      `make room on the filesystem of ${folder}`,
      'true f',
      'true',
      'true f',
    ]);
    assert.deepEqual(readdirSync(folder), [], 'nothing is left mounted');
  });
}

test('replaceFile: the last of several calls holds, and every reader finds a whole text', async (t) => {
  const path = join(temporaryFolder(t), 'f');
  const texts = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(5_000));
  const seen = new Set<string>();
  const done = new AbortController();
  const reading = (async () => {
    while (!done.signal.aborted) {
      await new Promise(setImmediate);
      if (existsSync(path)) seen.add(readFileSync(path, 'utf8'));
    }
  })();
  const results = await Promise.all(texts.map((text) => replaceFile(path, text, 0o600)));
  done.abort();
  await reading;
  assert.ok(results.every((result) => result.ok));
  assert.ok(seen.size > 1);
  for (const text of seen) assert.ok(texts.includes(text));
  assert.equal(readFileSync(path, 'utf8'), texts.at(-1));
});

test('replaceFileSync: last words hold against a replacement under way', (t) => {
  const path = join(temporaryFolder(t), 'f');
  const script = `
    const path = process.argv[1];
    void replaceFile(path, 'older'.repeat(200_000), 0o600);
    const until = performance.now() + Number(process.argv[2]);
    while (performance.now() < until);
    replaceFileSync(path, 'newest', 0o600);
    process.exit(70);`;
  for (const ms of ['0', '1', '5']) {
    assert.throws(() => runScript('exec "$@"', script, path, ms), { status: 70 });
    assert.equal(readFileSync(path, 'utf8'), 'newest');
  }
});
