/** Promise 9: what blocks elsewhere does not block here. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockFiles, setClock, withClock } from './lib/clock.js';
import { bootGuarded, type Guarded } from './lib/guarded.js';

/** Killed so often that a limit would end it. */
const sleeper = `command = ["/bin/sleep", "4732"]
probation = "0s"
[restart]
limit = 1000
`;

/** Kills the service's process and waits for the next one. */
async function killAndSee(guarded: Guarded, name = 'sleeper'): Promise<number> {
  const pid = await guarded.waitForPid(name);
  guarded.machine.kill(pid);
  return guarded.waitForPid(name, pid, 5_000);
}

/** Writes until a frozen console takes no more: EAGAIN ends dd. */
async function fillConsole({ machine }: Guarded): Promise<void> {
  const fill = 'yes | dd of=/dev/console oflag=nonblock bs=256';
  const { stderr } = await machine.run(['sh', '-c', fill]);
  assert.match(stderr, /temporarily unavailable/);
}

const syslogd = (guarded: Guarded): number => guarded.machine.pids('syslogd -n')[0] ?? 0;

describe('syslogd', () => {
  test('stopped: restarts go on, and its messages come when it continues', async (context) => {
    const guarded = await bootGuarded(context, { services: { sleeper } });
    const daemon = syslogd(guarded);
    guarded.machine.kill(daemon, 'SIGSTOP');
    // More messages than its socket holds: net.unix.max_dgram_qlen is 10 by default.
    for (let i = 0; i < 20; i += 1) await killAndSee(guarded);
    assert.equal((await guarded.service('sleeper')).restarts, 20);
    await guarded.machine.waitFor(
      () => guarded.machine.console().includes('"sleeper" was restarted'),
      'the console to show messages',
    );
    guarded.machine.kill(daemon, 'SIGCONT');
    await guarded.waitForLog(/syslog is back after \d+ s/, 40_000);
    assert.equal(guarded.countLog(/"sleeper" was restarted/), 20);
  });

  test('killed and replaced: the console meanwhile, a note afterwards, nothing lost', async (context) => {
    const guarded = await bootGuarded(context, { services: { sleeper }, hasSyslog: false });
    await killAndSee(guarded);
    await guarded.machine.waitFor(
      () => guarded.machine.console().includes('"sleeper" was restarted'),
      'the console to show messages',
    );
    const first = await guarded.machine.start([
      '/usr/bin/busybox',
      'syslogd',
      '-n',
      '-O',
      '/var/log/syslog',
    ]);
    await guarded.waitForLog(/syslog is back after \d+ s; \d+ messages were shown/, 40_000);
    await guarded.waitForLog(/"sleeper" was restarted/);
    guarded.machine.kill(first.pid);
    await first.ended;
    guarded.machine.files.remove('/dev/log');
    await guarded.machine.start(['/usr/bin/busybox', 'syslogd', '-n', '-O', '/var/log/syslog']);
    await guarded.machine.waitFor(() => guarded.machine.files.exists('/dev/log'), 'the next one');
    const pid = await killAndSee(guarded);
    await guarded.waitForLog(new RegExp(`"sleeper" was restarted, pid ${pid}`), 40_000);
  });

  test('away, and the console full: nothing blocks', async (context) => {
    const guarded = await bootGuarded(context, { services: { sleeper }, hasSyslog: false });
    guarded.machine.freezeConsole();
    await fillConsole(guarded);
    for (let i = 0; i < 60; i += 1) await killAndSee(guarded);
    assert.equal((await guarded.service('sleeper')).restarts, 60);
    guarded.machine.thawConsole();
  });
});

test('/run full: restarts go on, the old table stays whole, and it is said once', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper } });
  const { machine } = guarded;
  await guarded.waitForState('sleeper', 'running');
  await machine.waitFor(() => machine.files.exists('/run/esmd/table.json'), 'the table');
  await machine.run(['sh', '-c', 'cat /dev/zero > /run/full 2>/dev/null']);
  for (let i = 0; i < 3; i += 1) await killAndSee(guarded);
  await guarded.waitForLog(/table\.json: Cannot replace the file/);
  JSON.parse(machine.readFile('/run/esmd/table.json'));
  const stopped = await guarded.esmctl('stop', 'sleeper');
  assert.match(stopped.stderr, /will be forgotten if esmd ends: .*ENOSPC/);
  assert.deepEqual([stopped.code, stopped.stdout], [0, 'sleeper: stopped\n']);
  assert.equal((await guarded.esmctl('start', 'sleeper')).code, 0);
  const pid = await guarded.waitForPid('sleeper');
  // What the old table does not know is found all the same.
  await guarded.killEsmd();
  assert.equal(await guarded.waitForPid('sleeper'), pid);
  machine.files.remove('/run/full');
  await killAndSee(guarded);
  // Once by each esmd.
  assert.ok(guarded.countLog(/table\.json: Cannot replace the file/) <= 2);
});

test('fork fails: not counted, one alert, and back as soon as it can be', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper } });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('sleeper');
  machine.limitProcesses(1);
  machine.kill(pid);
  await guarded.waitForLog(/daemon\.alert .*"sleeper"/);
  await guarded.waitForService(
    'sleeper',
    ({ state, reason }) => state === 'backoff' && /EAGAIN|resource/i.test(reason),
    'back-off for lack of resources',
  );
  const { failures } = await guarded.service('sleeper');
  assert.ok(failures <= 1, 'a lack of resources is no failure');
  machine.limitProcesses(null);
  await guarded.waitForPid('sleeper', pid, 15_000);
  assert.equal(guarded.countLog(/daemon\.alert/), 1);
});

test('the clock steps by an hour and a year, back and forth: nothing happens', async (context) => {
  const crashing = `command = ["/bin/sh", "-c", "exit 1"]
[restart]
limit = 1
retry_interval = "2s"
`;
  const guarded = await bootGuarded(context, {
    services: { sleeper, crashing },
    files: clockFiles(),
    command: withClock('/usr/sbin/esmd'),
  });
  await guarded.waitForState('crashing', 'failed');
  const pid = await guarded.waitForPid('sleeper');
  for (const offset of ['+1h', '-1h', '+1y', '-1y', '+0']) {
    setClock(guarded.machine, offset);
    const before = guarded.countLog(/"crashing" could not be restarted/);
    const next = await killAndSee(guarded);
    assert.notEqual(next, pid);
    if (offset !== '+1y') continue;
    // A try comes when its time has come on the monotonic clock, and not a year later.
    await guarded.machine.waitFor(
      () => guarded.countLog(/"crashing" could not be restarted/) > before,
      'a try',
      30_000,
    );
  }
  assert.equal(guarded.countLog(/daemon\.emerg/), 1);
});

describe('log paths', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a FIFO', 'mkfifo /var/log/esmd/sleeper.log'],
    ['a link', 'ln -s /etc/passwd /var/log/esmd/sleeper.log'],
    ['a folder', 'mkdir /var/log/esmd/sleeper.log'],
    ['under a folder that others can write', 'chmod 777 /var/log/esmd'],
  ];
  for (const [name, command] of rows) {
    test(`${name}: refused with a warning, and the service runs`, async (context) => {
      const guarded = await bootGuarded(context, {
        init: 'busybox',
        services: { sleeper },
        state: 'mode boot',
      });
      await guarded.machine.must(['sh', '-c', command]);
      const before = await guarded.machine.must(['cat', '/etc/passwd']);
      await guarded.esm('start', '--force');
      await guarded.waitForPid('sleeper');
      const { warnings } = await guarded.service('sleeper');
      assert.equal(warnings.length, 1);
      await guarded.waitForLog(/sleeper\.log/);
      assert.equal(await guarded.machine.must(['cat', '/etc/passwd']), before);
    });
  }
});
