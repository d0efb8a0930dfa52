import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootLight } from './lib/light.js';

test('the console is a terminal, and what is written there can be read', async (context) => {
  const machine = await bootLight({
    init: 'sysvinit',
    inittab: [{ id: 'tt', action: 'once', process: '/bin/sh -c "test -t 0 && echo a terminal"' }],
    hasEsmd: false,
  });
  context.after(() => machine.destroy());
  await machine.waitFor(() => /^a terminal$/m.test(machine.console()), 'the word of a child');
  await machine.must(['sh', '-c', 'echo loud >/dev/console']);
  await machine.waitFor(() => /^loud$/m.test(machine.console()), 'the word of a visitor');
});

test('a frozen console fills up and makes its writers wait', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab: [], hasEsmd: false });
  context.after(() => machine.destroy());
  machine.freezeConsole();
  const writer = await machine.start(['sh', '-c', 'seq 100000 >/dev/console']);
  // It sleeps in the kernel, and still does so a while later.
  const isStuck = (): boolean => machine.process(writer.pid)?.state === 'S';
  await machine.waitFor(isStuck, 'the writer to hang');
  assert.ok(!/^100000$/m.test(machine.console()));
  machine.thawConsole();
  assert.equal(await writer.ended, 0);
  await machine.waitFor(() => /^100000$/m.test(machine.console()), 'the rest of it');
});
