import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isListening, listenAt } from '../../src/os/socket.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

const permissions = (path: string): number => lstatSync(path).mode & 0o7777;

async function listen(context: TestContext, path: string, mode = 0o600) {
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello'));
  const result = await listenAt(server, path, mode);
  if (result.ok) context.after(() => result.value.close());
  return result;
}

/** Why it was refused. */
async function refusal(context: TestContext, path: string): Promise<string> {
  const result = await listen(context, path);
  assert.ok(!result.ok, 'it listens');
  return result.problem.message;
}

test('a socket has its mode whatever the umask, and leaves the umask alone', async (context) => {
  const folder = temporaryFolder(context);
  for (const umask of [0o000, 0o022, 0o777]) {
    const before = process.umask(umask);
    context.after(() => process.umask(before));
    for (const mode of [0o600, 0o666]) {
      const path = join(folder, `${umask}-${mode}.sock`);
      assert.ok((await listen(context, path, mode)).ok);
      assert.equal(permissions(path), mode);
    }
    assert.equal(process.umask(before), umask);
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.new')),
    [],
  );
});

test('it is nobody else’s before it has its mode', async (context) => {
  const path = join(temporaryFolder(context), 's');
  const before = process.umask(0);
  context.after(() => process.umask(before));
  const server = createServer();
  let first: number | null = null;
  server.once('listening', () => {
    first = permissions(`${path}.new`);
  });
  const result = await listenAt(server, path, 0o666);
  assert.ok(result.ok);
  await result.value.close();
  assert.equal(first, 0o600);
});

test('it answers under its name, and the name goes when it is closed', async (context) => {
  const path = join(temporaryFolder(context), 's');
  const result = await listen(context, path);
  assert.ok(result.ok);
  assert.equal(await isListening(path), true);
  assert.equal(await result.value.isInPlace(), true);
  const client = new RawClient(context, path);
  await waitFor(() => client.isClosed, { what: 'closed' });
  assert.equal(client.text, 'hello');
  await result.value.close();
  assert.equal(existsSync(path), false);
  assert.equal(await isListening(path), false);
});

test('what a killed process left behind is replaced', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 's');
  const script = `require('net').createServer().listen(${JSON.stringify(path)})`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await waitFor(() => isListening(path), { what: 'the child listens' });
  assert.match(await refusal(context, path), /another process listens there/);
  child.kill('SIGKILL');
  await ended;
  assert.ok(existsSync(path));
  // Killed between bind(2) and rename(2), it leaves this one instead.
  renameSync(path, `${path}.new`);
  assert.ok((await listen(context, path)).ok);
  assert.equal(await isListening(path), true);
  assert.equal(existsSync(`${path}.new`), false);
});

test('a stopped process still counts as listening', async (context) => {
  const path = join(temporaryFolder(context), 's');
  const script = `require('net').createServer().listen(${JSON.stringify(path)})`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  context.after(() => child.kill('SIGKILL'));
  await waitFor(() => isListening(path), { what: 'the child listens' });
  child.kill('SIGSTOP');
  assert.match(await refusal(context, path), /another process listens there/);
});

test('what is not a socket is left alone', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'file'), 'x');
  mkdirSync(join(folder, 'folder'));
  symlinkSync('/dev/null', join(folder, 'link'));
  for (const name of ['file', 'folder', 'link']) {
    const path = join(folder, name);
    assert.match(await refusal(context, path), /something that is not a socket is there/, name);
    assert.ok(existsSync(path));
  }
});

test('a folder that others can write to, or that is not root’s, is refused', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 's');
  chmodSync(folder, 0o777);
  assert.match(await refusal(context, path), /others may write/);
  chmodSync(folder, 0o1777);
  assert.match(await refusal(context, path), /others may write/);
  chmodSync(folder, 0o755);
  chownSync(folder, 1234, 0);
  assert.match(await refusal(context, path), /user 1234/);
  chownSync(folder, 0, 0);
  assert.match(await refusal(context, join(folder, 'missing', 's')), /missing/);
});

test('a path that does not fit is refused, not cut', async (context) => {
  const folder = temporaryFolder(context);
  assert.match(await refusal(context, join(folder, 'x'.repeat(100))), /bytes/);
  const exact = join(folder, 'x'.repeat(103 - folder.length - 1));
  assert.ok((await listen(context, exact)).ok);
});

test('closing leaves the name to a successor', async (context) => {
  const path = join(temporaryFolder(context), 's');
  const first = await listen(context, path);
  assert.ok(first.ok);
  renameSync(path, `${path}.old`);
  assert.equal(await first.value.isInPlace(), false);
  assert.ok((await listen(context, path)).ok);
  await first.value.close();
  assert.equal(await isListening(path), true);
});
