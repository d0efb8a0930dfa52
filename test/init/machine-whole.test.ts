import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftoversOf } from './lib/leftovers.js';
import { bootWhole } from './lib/whole.js';

test('a whole machine runs rsyslog and cron under their own init scripts', async (context) => {
  const machine = await bootWhole({ hasEsmd: false });
  context.after(() => machine.destroy());
  assert.equal((await machine.must(['runlevel'])).trim(), 'N 2');
  const syslogd = await machine.waitForPid('/usr/sbin/rsyslogd');
  await machine.must(['logger', '-t', 'somebody', 'a word']);
  await machine.waitFor(
    () => machine.syslogLines().some((line) => line.endsWith('somebody: a word')),
    'the message',
  );
  await machine.must(['service', 'cron', 'stop']);
  assert.deepEqual(machine.pids('/usr/sbin/cron'), []);
  await machine.must(['service', 'cron', 'start']);
  await machine.waitForPid('/usr/sbin/cron');
  await machine.must(['service', 'rsyslog', 'restart']);
  await machine.waitForPid('/usr/sbin/rsyslogd', [syslogd]);
  // The packages are installed as their maintainers meant it, conffiles and all.
  assert.equal(await machine.must(['dpkg', '--verify', 'cron', 'initscripts']), '');
});

test('a package can be installed anew, and restarts its daemon as its maintainers mean it', async (context) => {
  const machine = await bootWhole({ hasEsmd: false });
  context.after(() => machine.destroy());
  const before = await machine.waitForPid('/usr/sbin/cron');
  await machine.must(['sh', '-c', 'dpkg -i /var/cache/apt/archives/cron_*.deb']);
  await machine.waitForPid('/usr/sbin/cron', [before]);
  assert.ok(!machine.pids('/usr/sbin/cron').includes(before));
});

test('nothing of the host but what was asked for is started', async (context) => {
  const machine = await bootWhole({ hasEsmd: false });
  context.after(() => machine.destroy());
  const known = ['rsyslogd', 'cron', 'startpar'];
  const others = (): readonly string[] =>
    machine
      .processes()
      .filter(({ parent, name }) => parent === 1 && !known.includes(name))
      .map(({ name }) => name);
  // What the scripts of the boot have left behind ends soon.
  await machine.waitFor(() => others().length === 0, 'nothing but the daemons to run');
});

test('a whole machine goes through its run levels to the end', async (context) => {
  const machine = await bootWhole({ hasEsmd: false });
  context.after(() => machine.destroy());
  const { traces } = machine;
  await machine.telinit('3');
  const isThree = async (): Promise<boolean> =>
    (await machine.run(['runlevel'])).stdout.trim() === '2 3';
  await machine.waitFor(isThree, 'run level 3');
  await machine.powerOff();
  assert.match(machine.console(), /concurrent boot in runlevel 0/);
  assert.deepEqual(leftoversOf(traces), []);
});

test('a whole machine with esmd has its lines in inittab, in their order', async (context) => {
  const machine = await bootWhole();
  context.after(() => machine.destroy());
  const ids = machine
    .readFile('/etc/inittab')
    .split('\n')
    .filter((line) => /^(?:es|em|ek|l[0-6]|zy):/.test(line))
    .map((line) => line.slice(0, 2));
  assert.deepEqual(ids, ['ek', 'l0', 'l1', 'es', 'l2', 'l3', 'l4', 'l5', 'em', 'l6', 'zy']);
  await machine.waitForPid('/usr/lib/esmd/esmd.js');
});
