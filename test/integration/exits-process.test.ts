/** Exits in a process of its own: how that ends, and what a recycled number does to it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}.js`, import.meta.url));

function run(command: string, ...args: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  return { status, signal, stdout, stderr };
}

const watcher = (way: string) => run(process.execPath, fixture('watcher'), way);

test('process.exit ends a process that watches', () => {
  assert.deepEqual(watcher('exit'), { status: 3, signal: null, stdout: 'held\n', stderr: '' });
});

test('an exception ends a process that watches', () => {
  const { status, stderr } = watcher('throw');
  assert.equal(status, 1);
  assert.match(stderr, /Error: thrown/);
});

test('an exception in onReady is handed to onBug', () => {
  const { status, stdout } = watcher('bug');
  assert.deepEqual({ status, stdout }, { status: 70, stdout: 'held\nbug: Error: a bug\n' });
});

test('a rejection in onReady ends the process, as anywhere else', () => {
  const { status, stderr } = watcher('reject');
  assert.equal(status, 1);
  assert.match(stderr, /Error: rejected/);
});

test('promises go on after onReady, without another wake-up', () => {
  const { status, stdout } = watcher('microtask');
  assert.deepEqual({ status, stdout }, { status: 0, stdout: 'held\nmicrotask\n' });
});

const ways = {
  'as on this kernel': {},
  'as before Linux 6.9': { groupSignal: false, exitInfo: false },
  'without pidfd': { pidfd: false, pollMs: 20 },
};

for (const [name, mechanisms] of Object.entries(ways)) {
  test(`${name}: a recycled number is neither taken for the old process nor signalled`, () => {
    const argument = JSON.stringify(mechanisms);
    const script = '"$@"; exit $?'; // The shell stays: it is PID 1 and reaps the strangers.
    const { status, stdout, stderr } = run(
      'unshare',
      ...['--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', script, 'sh'],
      ...[process.execPath, fixture('recycle'), argument],
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      firstIsAlive: false,
      secondIsAlive: true,
      signalsAreOk: true,
      deaths: 1,
      isOneNumber: true,
      secondLivesOn: true,
    });
  });
}
