import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Problem, Result } from '../../src/core/result.js';
import { checkFolders } from '../../src/os/file-owner.js';
import { temporaryFolder } from '../helpers/tmp.js';

const stranger = 65534;

function problemOf<T>(result: Result<T>): Problem {
  assert.equal(result.ok, false);
  return result.problem;
}

test('checkFolders: every folder on the way has to be root’s alone', (t) => {
  const top = temporaryFolder(t);
  const inner = join(top, 'a', 'b');
  mkdirSync(inner, { recursive: true });
  const file = join(inner, 'file');
  assert.ok(checkFolders(file).ok);

  for (const [folder, mode] of [
    [inner, 0o775],
    [inner, 0o1777],
    [join(top, 'a'), 0o757],
  ] as const) {
    chmodSync(folder, mode);
    const problem = problemOf(checkFolders(file));
    assert.equal(problem.code, 'ESM_FILE_WRITABLE');
    assert.equal(problem.file, folder);
    assert.equal(problem.remedy, `chmod go-w ${folder}`);
    chmodSync(folder, 0o755);
  }

  chownSync(join(top, 'a'), stranger, 0);
  const problem = problemOf(checkFolders(file));
  assert.equal(problem.code, 'ESM_FILE_NOT_ROOTS');
  assert.equal(problem.file, join(top, 'a'));
});

test('checkFolders: a sticky folder on the way protects what is root’s in it', (t) => {
  const top = temporaryFolder(t);
  const shared = join(top, 'shared');
  mkdirSync(join(shared, 'own'), { recursive: true });
  chmodSync(shared, 0o1777);
  assert.ok(checkFolders(join(shared, 'own', 'file')).ok);
  assert.equal(problemOf(checkFolders(join(shared, 'file'))).file, shared);
  symlinkSync(join(shared, 'own'), join(shared, 'link'));
  assert.ok(checkFolders(join(shared, 'link', 'file')).ok);
  lchownSync(join(shared, 'link'), stranger, 0);
  const problem = problemOf(checkFolders(join(shared, 'link', 'file')));
  assert.equal(problem.code, 'ESM_FILE_NOT_ROOTS');
  assert.equal(problem.remedy, `chown -h root:root ${join(shared, 'link')}`);
});

test('checkFolders: follows links as the kernel does, and trusts none on the way', (t) => {
  const top = temporaryFolder(t);
  for (const name of ['etc', 'safe', 'home']) mkdirSync(join(top, name));
  symlinkSync(join(top, 'etc'), join(top, 'home', 'second'));
  symlinkSync('../home/second', join(top, 'safe', 'first'));
  const file = join(top, 'safe', 'first', 'file');
  assert.ok(checkFolders(file).ok);
  chownSync(join(top, 'home'), stranger, 0);
  assert.equal(problemOf(checkFolders(file)).file, join(top, 'home'));

  symlinkSync('loop', join(top, 'loop'));
  assert.equal(problemOf(checkFolders(join(top, 'loop', 'f'))).code, 'ESM_FILE_UNREADABLE');
  const missing = problemOf(checkFolders(join(top, 'none', 'deeper', 'f')));
  assert.equal(missing.code, 'ESM_FILE_MISSING');
  assert.equal(missing.file, join(top, 'none'));
});

test('checkFolders: in a user namespace, what nobody there owns counts as root’s', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'outside'));
  chownSync(join(folder, 'outside'), 1234, 0);
  const file = join(folder, 'outside', 'file');
  assert.equal(problemOf(checkFolders(file)).code, 'ESM_FILE_NOT_ROOTS');
  chmodSync(folder, 0o755);
  const module = new URL('../../src/os/file-owner.js', import.meta.url).href;
  const script = `import { checkFolders } from '${module}';
    console.log(checkFolders(process.argv[1]).ok)`;
  const enter = ['--user', '--map-root-user', process.execPath, '--input-type=module', '-e'];
  const output = execFileSync('unshare', [...enter, script, file], { encoding: 'utf8' });
  assert.equal(output, 'true\n');
});
