import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, rmdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { Endpoint } from '../../src/control/endpoint.js';
import { rootLimits } from '../../src/control/limits.js';
import { startControl } from '../../src/control/server.js';
import type { Problem } from '../../src/core/result.js';
import { runControl } from '../helpers/control.js';
import { FakeDaemon } from '../helpers/fake-daemon.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { ask, RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

test('the sockets: one for root, one for everybody', async (context) => {
  const { root, status, folder } = await runControl(context, new FakeDaemon());
  assert.equal(lstatSync(root).mode & 0o777, 0o600);
  assert.equal(lstatSync(status).mode & 0o777, 0o666);
  chmodSync(folder, 0o755);
  const connect = (path: string): string => {
    const script = `require('net').connect(${JSON.stringify(path)})
      .on('connect', () => { console.log('connected'); process.exit(); })
      .on('error', (error) => { console.log(error.code); })`;
    return spawnSync(process.execPath, ['-e', script], { uid: 65534, gid: 65534, encoding: 'utf8' })
      .stdout;
  };
  assert.equal(connect(root), 'EACCES\n');
  assert.equal(connect(status), 'connected\n');
});

test('the folder is made if it is missing, and open to users', async (context) => {
  const folder = join(temporaryFolder(context), 'esmd');
  const before = process.umask(0o077);
  context.after(() => process.umask(before));
  const started = await startControl(new FakeDaemon(), {
    rootSocket: join(folder, 'r'),
    statusSocket: join(folder, 's'),
    onProblem: assert.ifError,
  });
  assert.ok(started.ok);
  context.after(() => started.value.close());
  assert.equal(lstatSync(folder).mode & 0o777, 0o755);
});

test('a socket that cannot be bound is a problem, and the other one answers', async (context) => {
  const folder = temporaryFolder(context);
  const problems: Problem[] = [];
  const paths = { rootSocket: join(folder, 'r'), statusSocket: join(folder, 's') };
  mkdirSync(paths.rootSocket);
  const onProblem = (problem: Problem) => problems.push(problem);
  const started = await startControl(new FakeDaemon(), { ...paths, onProblem });
  assert.ok(started.ok);
  const control = started.value;
  context.after(() => control.close());
  assert.deepEqual(
    problems.map(({ code, file }) => [code, file]),
    [['ESM_SOCKET', paths.rootSocket]],
  );
  assert.deepEqual(control.missing, [paths.rootSocket]);
  assert.equal((await ask(paths.statusSocket, '/v1/status')).status, 200);

  assert.equal((await control.repair()).ok, false);
  rmdirSync(paths.rootSocket);
  assert.equal((await control.repair()).ok, true);
  assert.deepEqual(control.missing, []);
  assert.equal((await ask(paths.rootSocket, '/v1/status')).status, 200);
  assert.equal((await ask(paths.statusSocket, '/v1/status')).status, 200);
});

test('with no socket at all the start fails, and can be tried again', async (context) => {
  const folder = temporaryFolder(context);
  chmodSync(folder, 0o777);
  const problems: Problem[] = [];
  const options = {
    rootSocket: join(folder, 'r'),
    statusSocket: join(folder, 's'),
    onProblem: (problem: Problem) => problems.push(problem),
  };
  assert.equal((await startControl(new FakeDaemon(), options)).ok, false);
  assert.equal(problems.length, 2);
  chmodSync(folder, 0o755);
  const again = await startControl(new FakeDaemon(), options);
  assert.ok(again.ok);
  await again.value.close();
});

test('what a cleaner removed comes back by repair', async (context) => {
  const { control, root, status } = await runControl(context, new FakeDaemon());
  rmSync(root);
  assert.equal((await control.repair()).ok, true);
  for (const path of [root, status]) assert.equal((await ask(path, '/v1/status')).status, 200);
});

test('closing ends everything at once: listeners, names, connections, streams', async (context) => {
  const daemon = new FakeDaemon();
  const { control, root, status } = await runControl(context, daemon);
  const clients = [
    new RawClient(context, root),
    new RawClient(context, status, 'GET /v1/events HTTP/1.1\r\n\r\n'),
  ];
  await waitFor(() => daemon.listeners.size === 1, { what: 'a stream' });
  await control.close();
  await control.close();
  await waitFor(() => clients.every(({ isClosed }) => isClosed), { what: 'all closed' });
  assert.equal(existsSync(root), false);
  assert.equal(existsSync(status), false);
  await waitFor(() => daemon.listeners.size === 0, { what: 'unsubscribed' });
});

test('an idle server holds no timer', async (context) => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate/.test(kind)).length;
  const none = timers();
  const { root, status } = await runControl(context, new FakeDaemon());
  assert.equal(timers(), none);
  await ask(root, '/v1/status');
  const client = new RawClient(context, status, 'GET /v1/events HTTP/1.1\r\n\r\n');
  await waitFor(() => client.text.includes('\r\n\r\n'), { what: 'a stream' });
  // An open stream waits for events, not for a time.
  await waitFor(() => timers() === none, { what: 'no timer beside a stream' });
  const silent = new RawClient(context, root);
  await silent.connected;
  await waitFor(() => timers() === none + 1, { what: 'a silent client has a deadline' });
  silent.socket.destroy();
  client.socket.destroy();
  await waitFor(() => timers() === none, { what: 'no timer is left' });
});

test('Node’s own search for late requests is as far away as a timer can be', async (context) => {
  const { server } = new Endpoint({
    daemon: new FakeDaemon(),
    access: 'all',
    limits: rootLimits,
    onError: assert.ifError,
  });
  server.listen(join(temporaryFolder(context), 's'));
  context.after(() => server.close());
  await once(server, 'listening');
  // That timer is unref'd, so no list of active resources has it; but it wakes the loop.
  const timers = Object.getOwnPropertySymbols(server)
    .map((key) => (server as unknown as Record<symbol, unknown>)[key])
    .filter((value) => value instanceof Object && '_idleTimeout' in value);
  for (const timer of timers) {
    assert.ok((timer as { _idleTimeout: number })._idleTimeout >= 2 ** 31 - 1);
  }
});
