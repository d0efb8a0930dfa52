import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Fingerprint, markOf, readSlowly } from '../../src/os/fingerprint.js';
import { isSameFile, readMark, type Mark, type ReadMark } from '../../src/os/libc/stat.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

/** Each way that a machine may have. */
function both(name: string, check: (t: TestContext, read: ReadMark) => void | Promise<void>): void {
  const ways = { 'statx(2)': readMark, "Node's stat": readSlowly };
  for (const [way, read] of Object.entries(ways)) {
    test(`Fingerprint by ${way}: ${name}`, async (t) => {
      assert.ok(read !== null);
      await check(t, read);
    });
  }
}

function fileIn(t: TestContext, text = 'one'): string {
  const path = join(temporaryFolder(t), 'f');
  writeFileSync(path, text);
  return path;
}

both('no change, however often it is asked', (t, read) => {
  const path = fileIn(t);
  const print = new Fingerprint(path, 'follow', read);
  for (let count = 0; count < 3; count += 1) assert.equal(print.hasChanged(), false);
});

both('another file of the same size, time and mode in its place', (t, read) => {
  const path = fileIn(t);
  const print = new Fingerprint(path, 'follow', read);
  const { atime, mtime } = statSync(path);
  writeFileSync(`${path}.new`, 'two');
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
  assert.equal(print.hasChanged(), true);
  assert.equal(print.hasChanged(), false, 'it is known from now on');
});

both('mode, owner and length', (t, read) => {
  const path = fileIn(t);
  const print = new Fingerprint(path, 'follow', read);
  chmodSync(path, 0o600);
  assert.equal(print.hasChanged(), true, 'mode');
  chownSync(path, 65_534, 0);
  assert.equal(print.hasChanged(), true, 'owner');
  writeFileSync(path, 'longer');
  assert.equal(print.hasChanged(), true, 'length');
});

both('a content of the same length, whatever time is set', async (t, read) => {
  const path = fileIn(t);
  const { atime, mtime } = statSync(path);
  const print = new Fingerprint(path, 'follow', read);
  // Once the clock that stamps changes has moved on.
  const tryOnce = (): boolean => {
    writeFileSync(path, 'two');
    utimesSync(path, atime, mtime);
    return print.hasChanged();
  };
  await waitFor(tryOnce, { what: 'the change shows' });
});

both('missing, made, removed', (t, read) => {
  const path = join(temporaryFolder(t), 'f');
  const print = new Fingerprint(path, 'follow', read);
  assert.equal(print.hasChanged(), false, 'missing still');
  writeFileSync(path, '');
  assert.equal(print.hasChanged(), true, 'made');
  rmSync(path);
  assert.equal(print.hasChanged(), true, 'removed');
  const below = new Fingerprint(join(path, 'below'), 'follow', read);
  assert.equal(below.hasChanged(), false);
});

both('a link itself, or what it leads to', (t, read) => {
  const folder = temporaryFolder(t);
  const link = join(folder, 'link');
  for (const name of ['a', 'b']) mkdirSync(join(folder, name));
  symlinkSync('a', link);
  const itself = new Fingerprint(link, 'itself', read);
  const target = new Fingerprint(link, 'follow', read);
  chmodSync(join(folder, 'a'), 0o700);
  assert.equal(itself.hasChanged(), false);
  assert.equal(target.hasChanged(), true);
  rmSync(link);
  symlinkSync('b', link);
  assert.equal(itself.hasChanged(), true);
  assert.equal(target.hasChanged(), true);
});

both('no name has a zero byte in it', (t, read) => {
  const path = fileIn(t);
  const print = new Fingerprint(`${path}\0b`, 'follow', read);
  chmodSync(path, 0o600);
  assert.equal(print.hasChanged(), false);
});

test('an open file: the same one however it grows, another one of the same name', (t) => {
  const path = fileIn(t);
  const opened = (): Mark => {
    const fd = openSync(path, 'r');
    try {
      return markOf(fd);
    } finally {
      closeSync(fd);
    }
  };
  const first = opened();
  writeFileSync(path, 'longer');
  assert.ok(isSameFile(first, opened()));
  chownSync(path, 65_534, 0);
  assert.ok(!isSameFile(first, opened()), 'owner');
  chownSync(path, 0, 0);
  assert.ok(isSameFile(first, opened()));
  writeFileSync(`${path}.new`, 'longer');
  renameSync(`${path}.new`, path);
  assert.ok(!isSameFile(first, opened()), 'replaced');
});
