import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootLight } from './lib/light.js';

test('telinit changes the run level, and init stops and starts what belongs to it', async (context) => {
  const machine = await bootLight({
    init: 'sysvinit',
    inittab: [
      { id: 'd2', levels: '2', action: 'respawn', process: '/bin/sleep 4720' },
      { id: 'd3', levels: '3', action: 'respawn', process: '/bin/sleep 4730' },
    ],
    hasEsmd: false,
  });
  context.after(() => machine.destroy());
  await machine.waitForPid('sleep 4720');
  assert.equal((await machine.must(['runlevel'])).trim(), 'N 2');
  await machine.telinit('3');
  await machine.waitForPid('sleep 4730');
  await machine.waitFor(() => machine.pids('sleep 4720').length === 0, 'the end of level 2');
  assert.equal((await machine.must(['runlevel'])).trim(), '2 3');
});

test('sysvinit puts an entry aside after ten starts in a row', async (context) => {
  const machine = await bootLight({
    init: 'sysvinit',
    inittab: [{ id: 'bad', action: 'respawn', process: '/usr/local/bin/bad' }],
    files: { '/usr/local/bin/bad': { text: '#!/bin/sh\necho x >>/run/starts\n', mode: 0o755 } },
    hasEsmd: false,
  });
  context.after(() => machine.destroy());
  await machine.waitFor(
    () => machine.console().includes('Id "bad" respawning too fast: disabled for 5 minutes'),
    'init to lose patience',
  );
  const starts = machine.readFile('/run/starts').split('\n').length - 1;
  assert.ok(starts === 10 || starts === 11, `${starts} starts`);
});

test('busybox init starts a failing entry again every second, without an end', async (context) => {
  const machine = await bootLight({
    init: 'busybox',
    inittab: [{ id: 'bad', action: 'respawn', process: '/usr/local/bin/bad' }],
    files: { '/usr/local/bin/bad': { text: '#!/bin/sh\necho x >>/run/starts\n', mode: 0o755 } },
    hasEsmd: false,
  });
  context.after(() => machine.destroy());
  const starts = (): number => (machine.files.readIfThere('/run/starts') ?? '').length / 2;
  const began = performance.now();
  await machine.waitFor(() => starts() >= 4, 'four starts');
  assert.ok(performance.now() - began > 1_500, 'init waits between starts');
});
