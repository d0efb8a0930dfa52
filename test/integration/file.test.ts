import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Problem, Result } from '../../src/core/result.js';
import { readChecked, type ReadRules } from '../../src/os/file.js';
import { temporaryFolder } from '../helpers/tmp.js';

const stranger = 65534;
const roots: ReadRules = { maxBytes: 1024, owner: 'root' };
const anyones: ReadRules = { maxBytes: 1024, owner: 'any' };

function problemOf<T>(result: Result<T>): Problem {
  assert.equal(result.ok, false);
  return result.problem;
}

function textOf(path: string, rules: ReadRules = roots): string {
  const result = readChecked(path, rules);
  assert.ok(result.ok, result.ok ? '' : result.problem.message);
  return result.value.text;
}

function fileWith(path: string, text: string, mode = 0o644): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('readChecked: text, owner and mode', (t) => {
  const path = fileWith(join(temporaryFolder(t), 'f'), 'größe\n', 0o640);
  const result = readChecked(path, roots);
  assert.ok(result.ok);
  assert.equal(result.value.text, 'größe\n');
  assert.equal(result.value.uid, 0);
  assert.equal(result.value.mode, 0o640);
});

test('readChecked: an empty file, and one of exactly the greatest length', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(textOf(fileWith(join(folder, 'empty'), '')), '');
  assert.equal(textOf(fileWith(join(folder, 'full'), 'x'.repeat(1024))).length, 1024);
});

test('readChecked: too large, also where the kernel calls the size 0', (t) => {
  const path = fileWith(join(temporaryFolder(t), 'f'), 'x'.repeat(1025));
  const problem = problemOf(readChecked(path, roots));
  assert.equal(problem.code, 'ESM_FILE_TOO_LARGE');
  assert.equal(problem.file, path);
  assert.match(problem.message, /longer than 1024 bytes/);
  assert.match(textOf('/proc/self/status', { maxBytes: 65_536, owner: 'root' }), /^Tgid:/m);
  const unsized = readChecked('/proc/self/status', { maxBytes: 100, owner: 'root' });
  assert.equal(problemOf(unsized).code, 'ESM_FILE_TOO_LARGE');
});

test('readChecked: 10 MB are refused unread', (t) => {
  const path = fileWith(join(temporaryFolder(t), 'f'), '');
  execFileSync('truncate', ['-s', '10M', path]);
  assert.equal(problemOf(readChecked(path, anyones)).code, 'ESM_FILE_TOO_LARGE');
});

test('readChecked: a FIFO, a folder, a socket, a device and a link are not regular', async (t) => {
  const folder = temporaryFolder(t);
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', ['-m', '600', fifo]);
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  t.after(() => server.close());
  const link = join(folder, 'link');
  symlinkSync(fileWith(join(folder, 'target'), 'x'), link);

  const kinds = { [fifo]: 'a FIFO', [folder]: 'a directory', [socket]: 'a socket' };
  for (const [path, kind] of Object.entries({
    ...kinds,
    '/dev/null': 'a device',
    [link]: 'a symbolic link',
  })) {
    const problem = problemOf(readChecked(path, anyones));
    assert.equal(problem.code, 'ESM_FILE_NOT_REGULAR', path);
    assert.match(problem.message, new RegExp(`it is ${kind} and`));
  }
  assert.equal(textOf(link, { ...roots, links: 'follow' }), 'x');
});

test('readChecked: missing, also where a folder on the way is a file', (t) => {
  const folder = temporaryFolder(t);
  const file = fileWith(join(folder, 'f'), '');
  for (const path of [join(folder, 'none'), join(file, 'below')]) {
    assert.equal(problemOf(readChecked(path, anyones)).code, 'ESM_FILE_MISSING');
  }
});

test('readChecked: not root’s, or writable by others', (t) => {
  const folder = temporaryFolder(t);
  const strangers = fileWith(join(folder, 'strangers'), 'x');
  chownSync(strangers, stranger, 0);
  const problem = problemOf(readChecked(strangers, roots));
  assert.equal(problem.code, 'ESM_FILE_NOT_ROOTS');
  assert.equal(problem.remedy, `chown root:root ${strangers}`);
  assert.equal(textOf(strangers, anyones), 'x');

  for (const mode of [0o664, 0o646, 0o666]) {
    const open = fileWith(join(folder, 'open'), 'x', mode);
    const refused = problemOf(readChecked(open, roots));
    assert.equal(refused.code, 'ESM_FILE_WRITABLE');
    assert.equal(refused.remedy, `chmod go-w ${open}`);
    assert.equal(textOf(open, anyones), 'x');
  }
});

test('readChecked: a read that fails, and a path that cannot be', () => {
  // Address 0 is mapped nowhere, so the first read of a process's memory gives EIO.
  const unread = problemOf(readChecked('/proc/self/mem', anyones));
  assert.equal(unread.code, 'ESM_FILE_UNREADABLE');
  assert.match(unread.message, /EIO/);
  const long = problemOf(readChecked(`/${'x'.repeat(300)}`, anyones));
  assert.equal(long.code, 'ESM_FILE_UNREADABLE');
  assert.match(long.message, /ENAMETOOLONG/);
  assert.equal(problemOf(readChecked('/a\0b', anyones)).code, 'ESM_FILE_UNREADABLE');
});

test('readChecked: bytes that are no text', (t) => {
  const path = join(temporaryFolder(t), 'f');
  writeFileSync(path, Buffer.from([0xff, 0x00, 0x41]));
  assert.equal(textOf(path), '\uFFFD\0A');
});
