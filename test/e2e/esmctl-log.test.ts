import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ended, Stage } from '../helpers/esmctl.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { waitFor } from '../helpers/wait-for.js';

async function staged(context: TestContext) {
  const stage = new Stage(context);
  const folder = join(stage.folder, 'log');
  mkdirSync(folder);
  const file = join(folder, 'cron.log');
  await stage.serve(new FakeDaemon(aService('cron', { log: file })));
  return { stage, file };
}

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');

test('log: the last lines, byte for byte', async (context) => {
  const { stage, file } = await staged(context);
  writeFileSync(file, numbered(1, 30_000));
  const ten = await stage.run(['log', 'cron']);
  assert.deepEqual([ten.code, ten.stdout], [0, numbered(29_991, 30_000)]);
  const many = await stage.run(['log', 'cron', '-n', '20000']);
  assert.equal(many.stdout, numbered(10_001, 30_000));
  const all = await stage.run(['log', 'cron', '-n', '99999']);
  assert.equal(all.stdout, numbered(1, 30_000));
  assert.equal((await stage.run(['log', 'cron', '-n', '0'])).stdout, '');
  writeFileSync(file, 'a\n\n\x1b[31mb\nunfinished');
  assert.equal((await stage.run(['log', 'cron', '-n', '3'])).stdout, '\n\x1b[31mb\nunfinished');
});

test('log on a terminal: nothing in it acts on the terminal', async (context) => {
  const { stage, file } = await staged(context);
  writeFileSync(file, 'größer\t\x1b]0;owned\x07\r\n');
  const { stdout } = await stage.run(['log', 'cron'], { columns: 80 });
  assert.equal(stdout, 'größer\t\\x1b]0;owned\\x07\\x0d\r\n');
});

test('log: no file, no permission, no regular file, no such service', async (context) => {
  const { stage, file } = await staged(context);
  const none = await stage.run(['log', 'cron']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /nothing has been written yet/);
  writeFileSync(file, 'secret', { mode: 0o600 });
  chmodSync(stage.folder, 0o755);
  chmodSync(join(stage.folder, 'log'), 0o755);
  for (const follow of [[], ['-f']]) {
    const user = await stage.run(['log', 'cron', ...follow], { user: 'nobody' });
    assert.equal(user.code, 3);
    assert.match(user.stderr, /permission denied: run as root/);
  }
  unlinkSync(file);
  spawnSync('mkfifo', [file]);
  for (const follow of [[], ['-f']]) {
    const fifo = await stage.run(['log', 'cron', ...follow]);
    assert.equal(fifo.code, 1);
    assert.match(fifo.stderr, /not a regular file/);
  }
  const unknown = await stage.run(['log', 'crom']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /did you mean "cron"/);
});

test('log -f: from nothing, through rotation, truncation and replacement', async (context) => {
  const { stage, file } = await staged(context);
  const child = stage.start(['log', 'cron', '-f', '-n', '2']);
  let text = '';
  child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  let told = '';
  child.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()));
  await waitFor(() => told.endsWith('nothing has been written yet; it is waited for\n'), {
    what: 'a word that it waits',
  });
  const seen = (line: string) => waitFor(() => text.endsWith(line), { what: line });

  writeFileSync(file, 'first\n');
  await seen('first\n');
  appendFileSync(file, 'second\n');
  await seen('second\n');
  // logrotate's rename: the service still writes to the old file for a while.
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, 'late\n');
  await seen('late\n');
  appendFileSync(`${file}.1`, 'latest\n');
  writeFileSync(file, 'new file\n');
  await seen('new file\n');
  // copytruncate.
  truncateSync(file, 0);
  appendFileSync(file, 'cut\n');
  await seen('cut\n');
  // Replaced by a file of the same size.
  writeFileSync(`${file}.2`, 'abc\n');
  renameSync(`${file}.2`, file);
  await seen('abc\n');
  assert.equal(text, 'first\nsecond\nlate\nlatest\nnew file\ncut\nabc\n');
  assert.equal(told.split('\n').length, 2, told);
});

test('log -f ends when what replaces the log cannot be read', async (context) => {
  const { stage, file } = await staged(context);
  writeFileSync(file, 'first\n');
  const child = stage.start(['log', 'cron', '-f']);
  const end = ended(child);
  let text = '';
  child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await waitFor(() => text === 'first\n', { what: 'the first' });
  spawnSync('mkfifo', [`${file}.1`]);
  renameSync(`${file}.1`, file);
  const { code, stderr } = await end;
  assert.equal(code, 1);
  assert.match(stderr, /not a regular file/);
});

test('log -f begins with the last lines', async (context) => {
  const { stage, file } = await staged(context);
  writeFileSync(file, numbered(1, 100));
  const child = stage.start(['log', 'cron', '-f', '-n', '2']);
  let text = '';
  child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await waitFor(() => text === numbered(99, 100), { what: 'the last two' });
  appendFileSync(file, numbered(101, 102));
  await waitFor(() => text === numbered(99, 102), { what: 'two more' });
});
