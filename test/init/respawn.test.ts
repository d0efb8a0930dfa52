/** esmd and init: one instance, started by init, and never given up by it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

const sleeper = 'command = ["/bin/sleep", "4731"]\n';

/** Ends every esmd as a bug would, once its start has been counted. */
const crash = `import { statSync } from 'node:fs';
const began = Date.now();
setInterval(() => {
  const starts = statSync('/run/esmd/starts', { throwIfNoEntry: false });
  if (starts?.mtimeMs > began) throw new Error('planned');
}, 5);
`;
const crashing = `#!/bin/sh
[ -e /run/healthy ] || preload=--import=/opt/crash.mjs
exec ${process.execPath} $preload /usr/lib/esmd/esmd.js
`;

for (const init of inits) {
  describe(`one instance under ${init}`, () => {
    test('a second inittab line waits and leaves, and the first esmd goes on', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { sleeper },
        // With an option, since busybox takes the same line twice for one entry.
        entries: [{ id: 'e2', action: 'once', process: '/usr/sbin/esmd -a' }],
      });
      const pid = await guarded.waitForPid('sleeper');
      const holder = await guarded.esmdPid();
      const second = await guarded.machine.waitForPid(/esmd\.js -a$/);
      const begun = guarded.machine.process(second)?.startTime ?? Infinity;
      await guarded.waitForLog(/another esmd runs: .*process \d+ has it/, 25_000);
      // sysvinit puts an entry aside at its tenth start within 120 s: each has to last for 12 s.
      const [uptime] = guarded.machine.readFile('/proc/uptime').split(' ');
      assert.ok(Number(uptime) * 100 - begun > 1_200, `${uptime} s, and ${begun} ticks`);
      assert.equal(await guarded.esmdPid(), holder);
      await guarded.assertOnly('/bin/sleep 4731', pid);
    });
  });
}

test('one that was reparented to init is a second instance, too', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper } });
  const holder = await guarded.esmdPid();
  await guarded.machine.must(['sh', '-c', 'setsid /usr/sbin/esmd >/dev/null 2>&1 </dev/null &']);
  await guarded.waitForLog(/another esmd runs|has to be started by init/, 25_000);
  assert.equal(await guarded.esmdPid(), holder);
});

test('crashes in a row at start: slowed down, the table set aside, the entry never disabled', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { sleeper },
    files: {
      '/opt/crash.mjs': crash,
      '/usr/local/sbin/crashing-esmd': { text: crashing, mode: 0o755 },
      '/run/healthy': '',
    },
    command: '/usr/local/sbin/crashing-esmd',
  });
  const { machine } = guarded;
  assert.equal((await guarded.esmctl('stop', 'sleeper')).code, 0);
  machine.files.remove('/run/healthy');
  machine.kill(await guarded.esmdPid());
  await guarded.waitForLog(/esmd ends because of a bug: Error: planned/);
  await guarded.waitForLog(/esmd has started 5 times within two minutes: the table is set aside/);
  machine.writeFile('/run/healthy', '');
  // It outlived four of them, and goes with the table.
  assert.match(machine.readFile('/run/esmd/table.json'), /"wish":"down"/);
  await guarded.waitUntilReachable(40_000);
  await guarded.waitForPid('sleeper');
  const { at } = JSON.parse(machine.readFile('/run/esmd/starts')) as { at: readonly number[] };
  const [fifth = NaN, sixth = NaN] = at.slice(4);
  assert.ok(sixth - fifth >= 13_000, at.join());
  assert.ok(!machine.console().includes('respawning too fast'));
});

test('another user can neither hold the lock, nor stop esmd, nor see more than the status', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper } });
  await guarded.waitForPid('sleeper');
  const asNobody = (command: string) =>
    guarded.machine.run(['setpriv', '--reuid=65534', '--clear-groups', 'sh', '-c', command]);
  for (const command of [
    'flock -n /run/esmd.pid true',
    'cat /run/esmd/table.json',
    'cat /run/esmd/starts',
    'kill -TERM $(pidof node)',
    'esmctl stop sleeper',
  ]) {
    assert.notEqual((await asNobody(command)).code, 0, command);
  }
  const status = await asNobody('esmctl status');
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /sleeper/);
  await guarded.killEsmd();
});
