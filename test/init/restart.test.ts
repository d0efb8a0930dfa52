/** Promise 1: a monitored daemon that dies is running again at once. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

for (const init of inits) {
  describe(`restart under ${init}`, () => {
    test('a daemon that is killed again and again is always there again', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { sleeper: 'command = ["/bin/sleep", "4711"]\nprobation = "0s"\n' },
      });
      let pid = await guarded.waitForPid('sleeper');
      for (let round = 0; round < 5; round += 1) {
        guarded.machine.kill(pid);
        pid = await guarded.waitForPid('sleeper', pid);
        await guarded.assertOnly('/bin/sleep 4711', pid);
      }
      const { restarts, lastExit } = await guarded.service('sleeper');
      assert.equal(restarts, 5);
      assert.equal(lastExit?.signal, 'SIGKILL');
    });

    test('a pid-file daemon is restarted through its start command', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: {
          bg: [
            'start = ["/bin/sh", "-c", "setsid /bin/sleep 4712 & echo $! > /run/bg.pid"]',
            'pidfile = "/run/bg.pid"',
            'match = { exe = "/bin/sleep", args = ["4712"] }',
          ].join('\n'),
        },
      });
      const first = await guarded.waitForPid('bg');
      await guarded.waitForState('bg', 'running');
      guarded.machine.kill(first);
      const second = await guarded.waitForPid('bg', first);
      await guarded.assertOnly('/bin/sleep 4712', second);
      await guarded.waitForLog(/"bg" \(pid \d+\) has ended: killed by SIGKILL/);
    });
  });
}
