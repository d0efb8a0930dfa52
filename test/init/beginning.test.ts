/** How esmd begins in bad weather: it says so once, waits, and does not bother init. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

const sleeper = 'command = ["/bin/sleep", "4866"]\nprobation = "0s"\n';

for (const init of inits) {
  test(`${init}: a pid file that cannot be locked is waited for, and said once`, async (context) => {
    const guarded = await bootGuarded(context, { init, services: { sleeper } });
    const { machine } = guarded;
    const pid = await guarded.waitForPid('sleeper');
    const esmd = await guarded.esmdPid();
    await machine.must(['sh', '-c', 'rm /run/esmd.pid; mkdir /run/esmd.pid']);
    machine.kill(esmd);
    const line = await guarded.waitForLog(/esmd waits, and monitors nothing: .*EISDIR/);
    const waiting = Number(/esmd\[(\d+)\]/.exec(line)?.[1]);
    assert.deepEqual(machine.pids('/bin/sleep 4866'), [pid]);
    await machine.must(['rmdir', '/run/esmd.pid']);
    assert.equal(await guarded.esmdPid(esmd), waiting);
    await guarded.waitUntilReachable();
    assert.equal(await guarded.waitForPid('sleeper'), pid);
    assert.equal(guarded.countLog(/esmd waits/), 1);
  });
}

test('nothing of esmd leads to the console, not even a warning of Node', async (context) => {
  const warning = `setInterval(() => {
  if (process.listenerCount('warning') > 1) process.emitWarning('planned');
}, 100).unref();
`;
  const guarded = await bootGuarded(context, {
    services: { sleeper },
    files: {
      '/opt/warn.mjs': warning,
      '/usr/local/sbin/warning-esmd': {
        text: `#!/bin/sh\nexec ${process.execPath} --import=/opt/warn.mjs /usr/lib/esmd/esmd.js\n`,
        mode: 0o755,
      },
    },
    command: '/usr/local/sbin/warning-esmd',
  });
  await guarded.waitForLog(/Warning of Node\.js: planned/);
  const links = await guarded.machine.must(['ls', '-l', `/proc/${await guarded.esmdPid()}/fd`]);
  assert.match(links, / 0 -> \/dev\/null\n.* 1 -> \/dev\/null\n.* 2 -> \/dev\/null\n/s);
  assert.doesNotMatch(links, /console|tty/);
  assert.doesNotMatch(guarded.machine.console(), /planned/);
});
