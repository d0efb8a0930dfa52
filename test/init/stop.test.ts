/** How a service is stopped: asked, told, killed, and what becomes of whatever was under way. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, shell, sleepOf, type Guarded } from './lib/guarded.js';

/** Without init's part in it, the init that boots faster. */
const init = 'busybox';

const lastExit = async (guarded: Guarded, name: string) => {
  const { lastExit: last } = await guarded.service(name);
  return [last?.code, last?.signal];
};

describe('signals', () => {
  test('TERM that is ignored is followed by KILL, after stop_timeout', async (context) => {
    const deaf = `command = ${shell('trap "" TERM; while :; do /bin/sleep 4801; done')}
stop_timeout = "400ms"
`;
    const guarded = await bootGuarded(context, { init, services: { deaf } });
    await guarded.waitForPid('deaf');
    await guarded.machine.waitForPid(sleepOf(4801));
    const asked = performance.now();
    assert.equal((await guarded.esmctl('stop', 'deaf')).code, 0);
    assert.ok(performance.now() - asked >= 400, 'it has the time that it was promised');
    assert.deepEqual(await lastExit(guarded, 'deaf'), [null, 'SIGKILL']);
    assert.deepEqual(guarded.machine.pids(/4801/), []);
    assert.equal(guarded.countLog(/unkillable|although it was killed/), 0);
  });

  test('the signal is the one that the service wants, and a stopped process hears it', async (context) => {
    const text = (signal: string, code: number): string =>
      `command = ${shell(`trap "exit ${code}" ${signal}; while :; do /bin/sleep 0.05; done`)}
stop_signal = "${signal}"
kill = "process"
`;
    const services = { int: text('INT', 31), quit: text('QUIT', 32), hup: text('HUP', 33) };
    const guarded = await bootGuarded(context, { init, services });
    for (const [name, code] of [
      ['int', 31],
      ['quit', 32],
      ['hup', 33],
    ] as const) {
      const pid = await guarded.waitForPid(name);
      // The trap stands once the first command after it has been started.
      await guarded.machine.waitFor(
        () => guarded.machine.processes().some(({ parent }) => parent === pid),
        'the trap',
      );
      guarded.machine.kill(pid, 'SIGSTOP');
      assert.equal((await guarded.esmctl('stop', name)).code, 0);
      assert.deepEqual(await lastExit(guarded, name), [code, null], name);
    }
  });
});

/** A daemon that ends on USR1 with code 7, after half a second; on TERM with code 8, at once. */
const daemon = shell(
  'echo $$ >/run/daemon.pid; n=; trap "n=0" USR1; trap "exit 8" TERM; until [ "$n" = 10 ]; do /bin/sleep 0.05; [ -z "$n" ] || n=$((n + 1)); done; exit 7',
);

describe('a stop command', () => {
  const rows = [
    [
      'that succeeds before the daemon has ended: no signal',
      'kill -USR1 $(cat /run/daemon.pid)',
      7,
    ],
    ['that fails: the signal at once', 'exit 3', 8],
    ['that does not exist: the signal at once', null, 8],
    ['that hangs: the signal after stop_timeout', '/bin/sleep 4802; true', 8],
    ['that succeeds and does nothing: the signal after stop_timeout', 'true', 8],
  ] as const;
  for (const [name, stop, code] of rows) {
    test(name, async (context) => {
      const isAwaited = name.endsWith('after stop_timeout');
      const one = `command = ${daemon}
stop = ${stop === null ? '["/opt/missing"]' : shell(stop)}
stop_timeout = "${isAwaited ? '300ms' : '8s'}"
kill = "process"
`;
      const guarded = await bootGuarded(context, { init, services: { one } });
      await guarded.waitForPid('one');
      await guarded.machine.waitForPid(sleepOf(0.05));
      await guarded.ask('stop', 'one');
      await guarded.waitForState('one', 'stopped', 6_000);
      assert.deepEqual(await lastExit(guarded, 'one'), [code, null]);
      await guarded.machine.waitFor(
        () => guarded.machine.pids(/4802/).length === 0,
        'the stop command to be gone',
      );
    });
  }
});

describe('a stop while a start is under way', () => {
  const inBackground = (script: string): string => `start = ${shell(script)}
pidfile = "/run/bg.pid"
match = { exe = "/bin/sleep", args = ["4803"] }
stop_timeout = "400ms"
`;

  const told = `trap "echo >/run/told; exit" TERM; while :; do /bin/sleep 0.05; done`;
  for (const [name, before, signal] of [
    ['its start script runs: all of it is told to end, and then the daemon', '', 'SIGTERM'],
    [
      'its start script ignores TERM: it is killed, and so is the daemon',
      'trap "" TERM;',
      'SIGKILL',
    ],
  ] as const) {
    test(name, async (context) => {
      // Its children are its own even where those of the daemon are not.
      const bg = `kill = "process"\n${inBackground(
        `${before} setsid /bin/sleep 4803 & echo $! >/run/bg.pid; /bin/sh -c '${told}'; true`,
      )}`;
      // busybox init takes its time to reap, and the status of a stranger comes no sooner.
      const guarded = await bootGuarded(context, { services: { bg } });
      await guarded.waitForState('bg', 'starting');
      await guarded.machine.waitForPid(sleepOf(4803));
      await guarded.machine.waitForPid(sleepOf(0.05));
      const asked = performance.now();
      await guarded.ask('stop', 'bg');
      await guarded.waitForState('bg', 'stopped');
      const took = performance.now() - asked;
      // The daemon was started with TERM ignored, too, so both have their own time before KILL.
      if (signal === 'SIGKILL') assert.ok(took >= 800, `${took} ms`);
      else assert.ok(guarded.machine.files.exists('/run/told'), 'the child of the script');
      await guarded.waitForService('bg', (now) => now.lastExit?.signal === signal, signal);
      assert.deepEqual(guarded.machine.pids(/480[34]|0\.05/), []);
      assert.equal(guarded.countLog(/"bg" was started|has failed/), 0);
      // And nothing of it is left in the way of a start.
      assert.equal(await guarded.ask('start', 'bg'), 202);
      await guarded.machine.waitForPid(sleepOf(4803));
    });
  }

  test('the daemon is awaited: it is not started by accident later', async (context) => {
    const bg = inBackground('(/bin/sleep 1; setsid /bin/sleep 4803 & echo $! >/run/bg.pid) &');
    const guarded = await bootGuarded(context, { init, services: { bg } });
    await guarded.waitForService('bg', ({ reason }) => reason.includes('to appear'), 'appearing');
    assert.equal((await guarded.esmctl('stop', 'bg')).code, 0);
    // What the script left behind would become the daemon after all.
    await guarded.machine.waitFor(
      () => guarded.machine.pids(sleepOf(1)).length === 0,
      'what was left of the script',
    );
    assert.deepEqual(guarded.machine.pids(sleepOf(4803)), []);
    assert.equal((await guarded.service('bg')).state, 'stopped');
  });

  test('a restart is pending: it does not come', async (context) => {
    const failing = (
      name: string,
      delay: string,
    ): string => `command = ${shell(`echo >>/run/${name}; exit 1`)}
[restart]
limit = 1000
delay = "${delay}"
delay_max = "${delay}"
`;
    const services = {
      one: failing('one', '200ms'),
      twin: failing('twin', '200ms'),
      long: failing('long', '1h'),
    };
    const guarded = await bootGuarded(context, { init, services });
    const tries = (name: string): number => guarded.machine.readFile(`/run/${name}`).length;
    await guarded.waitForState('one', 'backoff');
    assert.equal(await guarded.ask('stop', 'one'), 202);
    await guarded.waitForState('one', 'stopped');
    const [ones, twins] = [tries('one'), tries('twin')];
    // The other one, of the same policy, shows when a restart would have come.
    await guarded.machine.waitFor(() => tries('twin') >= twins + 3, 'three more starts');
    assert.equal(tries('one'), ones);
    assert.equal((await guarded.service('one')).desired, 'down');
    // Nor is it waited for.
    await guarded.waitForState('long', 'backoff');
    assert.equal((await guarded.esmctl('stop', 'long')).code, 0);
  });
});

test('a restart while it stops: one new copy, after the old one has ended', async (context) => {
  const slow = `command = ${shell('trap "/bin/sleep 0.5; echo gone >>/run/order; exit" TERM; echo here >>/run/order; while :; do /bin/sleep 0.05; done')}
kill = "process"
`;
  const guarded = await bootGuarded(context, { init, services: { slow } });
  const first = await guarded.waitForPid('slow');
  await guarded.machine.waitForPid(sleepOf(0.05));
  await guarded.ask('stop', 'slow');
  await guarded.waitForState('slow', 'stopping');
  await guarded.ask('restart', 'slow');
  await guarded.ask('restart', 'slow');
  const second = await guarded.waitForPid('slow', first);
  await guarded.machine.waitForPid(sleepOf(0.05));
  assert.equal(guarded.machine.readFile('/run/order'), 'here\ngone\nhere\n');
  assert.equal((await guarded.service('slow')).pid, second);
  // The other way round: a stop wins over the restart that it comes upon.
  await guarded.ask('restart', 'slow');
  await guarded.waitForState('slow', 'stopping');
  await guarded.ask('stop', 'slow');
  await guarded.waitForState('slow', 'stopped');
  assert.equal(guarded.machine.readFile('/run/order'), 'here\ngone\nhere\ngone\n');
});

test('a service that others require: refused with their names, and done by force', async (context) => {
  const guarded = await bootGuarded(context, {
    init,
    services: {
      base: 'command = ["/bin/sleep", "4805"]\n',
      one: 'command = ["/bin/sleep", "4806"]\nrequires = ["base"]\n',
      two: 'command = ["/bin/sleep", "4807"]\nrequires = ["base"]\n',
    },
  });
  const base = await guarded.waitForPid('base');
  const one = await guarded.waitForPid('one');
  await guarded.waitForPid('two');
  const refused = await guarded.esmctl('stop', 'base');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /one, two require it/);
  await guarded.assertOnly(sleepOf(4805), base);
  assert.equal((await guarded.esmctl('stop', '--force', 'base')).code, 0);
  assert.deepEqual(guarded.machine.pids(sleepOf(4805)), []);
  // Its end does not touch what runs; what has to start anew waits for it.
  assert.equal((await guarded.service('one')).pid, one);
  guarded.machine.kill(one);
  await guarded.waitForService('one', ({ reason }) => reason === 'waits for base', 'the wait');
  assert.equal(await guarded.ask('start', 'base'), 202);
  await guarded.waitForPid('one', one);
});
