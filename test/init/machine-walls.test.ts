/** What must not get through the walls of a machine, and what a test can do within them. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { clockFiles, setClock, withClock } from './lib/clock.js';
import { bootLight } from './lib/light.js';

test('two machines at once do not disturb each other', async (context) => {
  const inittab = [{ id: 'dm', action: 'respawn', process: '/bin/sleep 4740' }] as const;
  const options = { init: 'sysvinit', inittab, hasEsmd: false } as const;
  const [one, other] = await Promise.all([bootLight(options), bootLight(options)]);
  context.after(() => Promise.all([one.destroy(), other.destroy()]));
  const mine = await one.waitForPid('sleep 4740');
  const theirs = await other.waitForPid('sleep 4740');
  one.writeFile('/etc/word', 'of one');
  assert.ok(!other.files.exists('/etc/word'));
  await one.must(['logger', 'only here']);
  await one.waitFor(() => one.syslogLines().join().includes('only here'), 'the message');
  assert.ok(!other.syslogLines().join().includes('only here'));
  assert.deepEqual(one.pids('sleep 4740'), [mine]);
  await one.destroy();
  assert.ok(!other.hasEnded);
  assert.deepEqual(other.pids('sleep 4740'), [theirs]);
  assert.equal(await other.must(['echo', 'alive']), 'alive\n');
});

test('the host is out of reach', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [], hasEsmd: false });
  context.after(() => machine.destroy());
  const name = hostname();
  await machine.must(['hostname', 'other']);
  assert.equal(hostname(), name);
  await machine.must(['touch', '/usr/sbin/esmd-was-here', '/etc/esmd-was-here']);
  assert.ok(!existsSync('/usr/sbin/esmd-was-here') && !existsSync('/etc/esmd-was-here'));
  assert.ok(!machine.files.exists(import.meta.dirname), 'nothing but /usr is the host’s');
  assert.deepEqual(
    machine.processes().filter(({ args }) => args.join(' ').includes('node')),
    [],
  );
  const seen = (await machine.must(['ls', '/sys/class/net'])).trim();
  assert.equal(seen, 'lo');
});

test('nobody in there can set the clock, change the kernel or read its log', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [], hasEsmd: false });
  context.after(() => machine.destroy());
  const release = '/proc/sys/kernel/panic';
  const before = readFileSync(release, 'utf8');
  for (const attempt of [
    'date -s 2001-01-01',
    `echo 17 >${release}`,
    'mknod /tmp/disk b 254 0',
    'dmesg',
    'head -c 1 /proc/kmsg',
  ]) {
    assert.notEqual((await machine.run(['sh', '-c', attempt])).code, 0, attempt);
  }
  assert.equal(readFileSync(release, 'utf8'), before);
});

test('the number of processes can be limited', async (context) => {
  const program = `const { spawn } = require('node:child_process');
const say = (word) => require('node:fs').writeFileSync('/run/forked', word);
setInterval(() => spawn('/bin/true').on('error', (e) => say(e.code)).on('exit', () => say('yes')), 20);
`;
  const machine = await bootLight({
    init: 'sysvinit',
    inittab: [{ id: 'fk', action: 'respawn', process: `${process.execPath} /etc/forker.js` }],
    files: { '/etc/forker.js': program },
    hasEsmd: false,
  });
  context.after(() => machine.destroy());
  const says = (word: string) => () => machine.files.readIfThere('/run/forked') === word;
  await machine.waitFor(says('yes'), 'a fork');
  machine.limitProcesses(2);
  await machine.waitFor(says('EAGAIN'), 'a fork that fails');
  machine.limitProcesses(null);
  await machine.waitFor(says('yes'), 'a fork again');
});

test('a clock of its own is set for chosen processes, and at once', async (context) => {
  const program = `const word = () => require('fs').writeFileSync('/run/clock', Date.now() + ' ' + process.hrtime.bigint());
setInterval(word, 20);
`;
  const clocked = withClock(`${process.execPath} /etc/clock.js`);
  const machine = await bootLight({
    init: 'sysvinit',
    inittab: [{ id: 'ck', action: 'respawn', process: clocked }],
    files: { ...clockFiles('+0'), '/etc/clock.js': program },
    hasEsmd: false,
  });
  context.after(() => machine.destroy());
  const read = (): readonly [number, number] => {
    const [wall, monotonic] = (machine.files.readIfThere('/run/clock') ?? '').split(' ');
    return [Number(wall), Number(monotonic) / 1e6];
  };
  await machine.waitFor(() => Math.abs(read()[0] - Date.now()) < 5_000, 'the true time');
  const [, monotonicBefore] = read();
  for (const [offset, ms] of [
    ['+1y', 365 * 86_400_000],
    ['-1h', -3_600_000],
  ] as const) {
    setClock(machine, offset);
    const isSet = (): boolean => Math.abs(read()[0] - Date.now() - ms) < 5_000;
    await machine.waitFor(isSet, offset);
  }
  const [, monotonicAfter] = read();
  const passed = monotonicAfter - monotonicBefore;
  assert.ok(passed > 0 && passed < 20_000, `the monotonic clock went ${passed} ms`);
});
