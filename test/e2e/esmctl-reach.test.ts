import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isListening } from '../../src/os/socket.js';
import { Stage } from '../helpers/esmctl.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

/** Holds the lock on the pid file, and does what `script` says. */
function holdLock(context: TestContext, stage: Stage, script: string): ChildProcess {
  const child = spawn('flock', [stage.pidFile, process.execPath, '-e', script], {
    detached: true,
    stdio: 'ignore',
  });
  const group = -(child.pid ?? 0);
  context.after(() => process.kill(group, 'SIGKILL'));
  return child;
}

const listenScript = ({ rootSocket }: Stage): string =>
  `require('net').createServer(() => {}).listen(${JSON.stringify(rootSocket)})`;

test('nothing runs: says so after 3 s', async (context) => {
  const stage = new Stage(context);
  const began = performance.now();
  const result = await stage.run(['status']);
  const took = performance.now() - began;
  assert.equal(result.code, 3);
  assert.equal(
    result.stderr,
    'esmctl: Cannot reach esmd: it is not running: nobody holds /run/esmd.pid\n',
  );
  assert.ok(took > 2500 && took < 6000, `${took} ms`);
});

test('esmd is stopped: says that', async (context) => {
  const stage = new Stage(context);
  const child = holdLock(context, stage, listenScript(stage));
  await waitFor(() => isListening(stage.rootSocket), { what: 'it listens' });
  process.kill(-(child.pid ?? 0), 'SIGSTOP');
  for (const args of [['status'], ['stop', 'cron']]) {
    const result = await stage.run(args);
    assert.equal(result.code, 3);
    assert.equal(
      result.stderr,
      `esmctl: Cannot reach esmd: esmd is stopped (process ${child.pid ?? 0}): "/etc/init.d/esm enable" lets it go on\n`,
    );
  }
});

test('it runs and says nothing, or has no socket', async (context) => {
  const stage = new Stage(context);
  const child = holdLock(context, stage, listenScript(stage));
  await waitFor(() => isListening(stage.rootSocket), { what: 'it listens' });
  const silent = await stage.run(['status']);
  assert.equal(silent.code, 3);
  const number = child.pid ?? 0;
  assert.match(silent.stderr, new RegExp(`it runs as process ${number} and does not answer`));

  const other = new Stage(context);
  const mute = holdLock(context, other, 'setInterval(() => {}, 1000)');
  const absent = await other.run(['status']);
  assert.equal(absent.code, 3);
  assert.match(
    absent.stderr,
    new RegExp(`it runs as process ${mute.pid ?? 0} and /run/esmd/esmd.sock gives ENOENT`),
  );
});

test('nonsense from the socket: 3, or 70 for what only a bug can say', async (context) => {
  const http = (body: string): string =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  const rows: readonly [string, number, RegExp][] = [
    ['SSH-2.0-OpenSSH_9.2\r\n', 3, /Cannot reach esmd/],
    [http('<html>'), 3, /Cannot understand esmd: it answered 200/],
    [http('{"version":2,"services":[]}'), 3, /Cannot understand esmd/],
    [http('{"version":1,"esmd":{"configProblems":[]},"services":[null]}'), 70, /TypeError/],
  ];
  const stage = new Stage(context);
  let answer = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end(answer));
  });
  server.listen(stage.rootSocket);
  context.after(() => server.close());
  for (const [text, code, message] of rows) {
    answer = text;
    const result = await stage.run(['status']);
    assert.equal(result.code, code, text);
    assert.match(result.stderr, message);
  }
});

test('esmd comes back within the 3 s', async (context) => {
  const stage = new Stage(context);
  const running = stage.run(['status']);
  await pause(500);
  await stage.serve(new FakeDaemon(aService('cron')));
  assert.equal((await running).code, 0);
});

test('a crowd on the socket is waited out', async (context) => {
  const stage = new Stage(context);
  await stage.serve(new FakeDaemon(aService('cron')));
  const clients = Array.from({ length: 300 }, () => new RawClient(context, stage.rootSocket));
  await Promise.all(clients.map(({ connected }) => connected));
  const running = stage.run(['status']);
  await pause(500);
  for (const { socket } of clients) socket.destroy();
  assert.equal((await running).code, 0);
});

test('a thousand questions at once are all answered', async (context) => {
  const stage = new Stage(context);
  await stage.serve(new FakeDaemon(aService('cron')));
  const script = `
    const { Client } = await import('/run/checkout/build/src/cli/client.js');
    const client = new Client({ rootSocket: '/run/esmd/esmd.sock', statusSocket: '/run/esmd/status.sock',
      patienceMs: 20000, explain: async ({ code }) => code });
    const replies = await Promise.all(Array.from({ length: 1000 }, () => client.get('/v1/status')));
    console.log(replies.filter(({ status }) => status === 200).length);`;
  const result = await stage.runNode(script);
  assert.deepEqual([result.stdout, result.stderr], ['1000\n', '']);
});

test('usage: 2, with a hint', async (context) => {
  const stage = new Stage(context);
  const rows: readonly [readonly string[], RegExp][] = [
    [[], /^Usage: esmctl/],
    [['stat'], /unknown command 'stat'\n\(Did you mean start\?\)/],
    [['--nosuch'], /unknown option/],
    [['why'], /missing required argument 'name'/],
    [['why', 'a', 'b'], /too many arguments/],
    [['start'], /missing required argument/],
    [['start', 'x', '--timeout', 'soon'], /number of seconds/],
    [['start', 'x', '--timeout', '-1'], /number of seconds/],
    [['log', 'x', '-n', '-3'], /whole number/],
    [['events', '--since', 'yesterday'], /whole number/],
    [['events', '--filter', 'loudness=9'], /Cannot understand the filter "loudness=9"/],
    [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
  ];
  for (const [args, expected] of rows) {
    const result = await stage.run(args);
    assert.equal(result.code, 2, args.join(' '));
    assert.equal(result.stdout, '');
    assert.match(result.stderr, expected);
  }
});

test('help and version: 0, on stdout, without a daemon', async (context) => {
  const stage = new Stage(context);
  const help = await stage.run(['--help']);
  assert.equal(help.code, 0);
  for (const code of [0, 1, 2, 3, 4]) assert.match(help.stdout, new RegExp(`^  ${code}  `, 'm'));
  assert.match((await stage.run(['events', '--help'])).stdout, /severity=WORD/);
  assert.match((await stage.run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});
