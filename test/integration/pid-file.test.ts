import assert from 'node:assert/strict';
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readPidFile } from '../../src/os/pid-file.js';
import { temporaryFolder } from '../helpers/tmp.js';

const [stranger, another] = [65534, 65533];

/** A pid file of root's in a folder of root's in another one, and a link to the inner folder. */
function place(context: TestContext) {
  const top = temporaryFolder(context);
  const [outer, link] = [join(top, 'outer'), join(top, 'link')];
  const inner = join(outer, 'inner');
  mkdirSync(inner, { recursive: true });
  symlinkSync(inner, link);
  const file = join(inner, 'web.pid');
  writeFileSync(file, '4711\n');
  return { outer, inner, link, file, byLink: join(link, 'web.pid') };
}

const named = (writer: number | null) => ({ pid: 4711, writer });

describe('a pid file', () => {
  test('that only root can write vouches for its process', (t) => {
    const { file, byLink } = place(t);
    assert.deepEqual(readPidFile(file), named(null));
    assert.deepEqual(readPidFile(byLink), named(null));
  });

  test('says who else could have written it: by the file, a folder, or a link on the way', (t) => {
    const { file, inner, outer, link, byLink } = place(t);
    chownSync(file, stranger, 0);
    assert.deepEqual(readPidFile(file), named(stranger));
    chownSync(file, 0, 0);
    for (const folder of [inner, outer]) {
      chownSync(folder, stranger, 0);
      assert.deepEqual(readPidFile(file), named(stranger));
      chownSync(folder, 0, 0);
    }
    lchownSync(link, stranger, 0);
    assert.deepEqual(readPidFile(byLink), named(stranger));
    assert.deepEqual(readPidFile(file), named(null));
  });

  test('that several could have written is not believed', (t) => {
    const { file, inner, outer, link, byLink } = place(t);
    for (const [what, mode] of [
      [file, 0o664],
      [inner, 0o775],
      [outer, 0o757],
    ] as const) {
      chmodSync(what, mode);
      assert.equal(readPidFile(file), null);
      chmodSync(what, what === file ? 0o644 : 0o755);
    }
    chownSync(file, stranger, 0);
    lchownSync(link, another, 0);
    assert.equal(readPidFile(byLink), null);
  });

  test('in a sticky folder is its owner’s', (t) => {
    const { file, inner } = place(t);
    chmodSync(inner, 0o1777);
    assert.deepEqual(readPidFile(file), named(null));
    chownSync(file, stranger, 0);
    assert.deepEqual(readPidFile(file), named(stranger));
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['0', '0\n'],
    ['1', '1\n'],
    ['a negative number', '-4711\n'],
    ['our own number', `${process.pid}\n`],
    ['a number beyond all processes', '4194305\n'],
    ['words', '4711 or so\n'],
    ['binary junk', '\0\x01\x02'],
  ] as const) {
    test(`that says ${what} names nobody`, (t) => {
      const { file } = place(t);
      writeFileSync(file, text);
      assert.equal(readPidFile(file), null);
    });
  }

  test('may say more below, and have blanks', (t) => {
    const { file } = place(t);
    writeFileSync(file, '  4711\r\n/var/lib/web\n5432\n');
    assert.deepEqual(readPidFile(file), named(null));
  });
});
