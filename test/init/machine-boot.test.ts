import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Init } from './lib/inittab.js';
import { bootLight } from './lib/light.js';

const daemon = { id: 'dm', action: 'respawn', process: '/bin/sleep 4711' } as const;

for (const init of ['sysvinit', 'busybox'] as const satisfies Init[]) {
  test(`${init} is process 1 and starts its entries`, async (context) => {
    const machine = await bootLight({ init, inittab: [daemon], hasEsmd: false });
    context.after(() => machine.destroy());
    assert.equal((await machine.must(['readlink', '/proc/1/exe'])).trim(), '/usr/sbin/init');
    const pid = await machine.waitForPid('sleep 4711');
    assert.equal(machine.process(pid)?.parent, 1);
  });

  test(`${init} respawns what is killed`, async (context) => {
    const machine = await bootLight({ init, inittab: [daemon], hasEsmd: false });
    context.after(() => machine.destroy());
    const first = await machine.waitForPid('sleep 4711');
    assert.ok(machine.kill(first));
    const second = await machine.waitForPid('sleep 4711', [first]);
    assert.notEqual(second, first);
    assert.equal(machine.process(first), null);
  });

  test(`${init}: a syslog daemon listens, and tells facility and severity`, async (context) => {
    const machine = await bootLight({ init, inittab: [], hasEsmd: false });
    context.after(() => machine.destroy());
    await machine.must(['logger', '-p', 'daemon.emerg', '-t', 'somebody', 'a word']);
    const line = await machine.waitFor(
      () => machine.syslogLines().find((text) => text.includes('somebody')),
      'the message',
    );
    assert.match(line, / daemon\.emerg somebody: a word$/);
  });

  test(`${init}: what it starts has the console, and no descriptor of the test`, async (context) => {
    const list = { id: 'ls', action: 'once', process: '/usr/local/bin/list' } as const;
    const text = '#!/bin/sh\nreadlink /proc/$$/fd/*\n';
    const files = { '/usr/local/bin/list': { text, mode: 0o755 } };
    const machine = await bootLight({ init, inittab: [list], files, hasEsmd: false });
    context.after(() => machine.destroy());
    // In the order of their names: 0, 1, 10, which is the script itself, and 2.
    const end = /(?:\/dev\/console\n){2}\/usr\/local\/bin\/list\n\/dev\/console\n$/;
    await machine.waitFor(() => end.test(machine.console()), 'the list');
  });

  test(`${init} shuts the machine down`, async (context) => {
    const goodbye = { id: 'gb', action: 'shutdown', process: '/bin/echo goodbye' } as const;
    const inittab = [daemon, { ...goodbye, process: '/bin/sh -c "echo goodbye >/dev/console"' }];
    const machine = await bootLight({ init, inittab, hasEsmd: false });
    context.after(() => machine.destroy());
    await machine.powerOff();
    assert.ok(machine.hasEnded);
    assert.match(machine.console(), /^goodbye$/m);
  });
}

test('files are in place before init begins, with mode, as links, and changed', async (context) => {
  const machine = await bootLight({
    init: 'sysvinit',
    inittab: [{ id: 'cp', action: 'once', process: '/usr/local/bin/copy' }],
    hasEsmd: false,
    files: {
      '/etc/word': 'one word',
      '/etc/other-word': { link: '/etc/word' },
      '/usr/local/bin/copy': { text: '#!/bin/sh\ncat /etc/other-word >/run/copy\n', mode: 0o755 },
      '/etc/hostname': (before) => `${before.trim()}-one\n`,
    },
  });
  context.after(() => machine.destroy());
  await machine.waitFor(() => machine.files.readIfThere('/run/copy') === 'one word', 'the copy');
  assert.equal(machine.readFile('/etc/hostname'), 'machine-one\n');
});

test('a link in the machine leads to the file of the machine, not of the host', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [], hasEsmd: false });
  context.after(() => machine.destroy());
  machine.writeFile('/var/run/esm.state', 'version 1\n');
  assert.equal(await machine.must(['cat', '/run/esm.state']), 'version 1\n');
  await machine.must(['ln', '-s', '../../../../../../etc/hostname', '/tmp/out']);
  assert.equal(machine.readFile('/tmp/out'), 'machine\n');
});

test('commands get input and environment, and give output and exit code', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [], hasEsmd: false });
  context.after(() => machine.destroy());
  const command = ['sh', '-c', 'cat; echo "$WORD"; echo trouble >&2; exit 3'];
  const output = await machine.run(command, { input: 'in\n', environment: { WORD: 'a b' } });
  assert.deepEqual(output, { code: 3, stdout: 'in\na b\n', stderr: 'trouble\n' });
  assert.equal((await machine.run(['sh', '-c', 'kill -9 $$'])).code, 128 + 9);
  await assert.rejects(machine.run(['sleep', '60'], { timeoutMs: 100 }), /Not done after 100 ms/);
  await assert.rejects(machine.must(['false']), /exit code 1/);
});

test('a started command goes on, and its end is told', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [], hasEsmd: false });
  context.after(() => machine.destroy());
  const started = await machine.start(['sh', '-c', 'echo word; exec sleep 4712']);
  await machine.waitForPid((process) => process.pid === started.pid && process.name === 'sleep');
  await machine.waitFor(() => started.stdout() === 'word\n', 'the word');
  // A stopped process must not stop who waits for it: neither could be killed then.
  machine.kill(started.pid, 'SIGSTOP');
  await machine.waitFor(() => machine.process(started.pid)?.state === 'T', 'the stop');
  machine.kill(started.pid, 'SIGKILL');
  assert.equal(await started.ended, 128 + 9);
});

test('the root is everybody’s to read, as on any machine', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [] });
  context.after(() => machine.destroy());
  const modes = await machine.must([
    'stat',
    '-c',
    '%a %U',
    '/',
    '/usr',
    '/usr/sbin',
    '/etc',
    '/run',
  ]);
  assert.equal(modes, '755 root\n'.repeat(5));
  const asNobody = ['setpriv', '--reuid=nobody', '--clear-groups', 'esmctl', '--version'];
  await machine.must(asNobody);
});

test('a number is used again when a test says so', async (context) => {
  const machine = await bootLight({ init: 'sysvinit', inittab: [daemon], hasEsmd: false });
  context.after(() => machine.destroy());
  const { pid, ended } = await machine.start(['sleep', '4713']);
  machine.kill(pid);
  await ended;
  await machine.startAs(pid, ['sleep', '4714']);
  assert.deepEqual(machine.pids('sleep 4714'), [pid]);
});
