/** Promise 1: a monitored daemon that dies is running again at once. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits, type Guarded } from './lib/guarded.js';

/** From the death of this process to the start of the next one, in hundredths of a second. */
async function restartTicks(guarded: Guarded, pid: number): Promise<number> {
  const { machine } = guarded;
  const hostPid = machine.hostPidOf(pid);
  assert.ok(hostPid !== null);
  // proc_uptime(5) and the start time in proc_pid_stat(5) are of the same clock.
  const [uptime] = machine.readFile('/proc/uptime').split(' ');
  process.kill(hostPid, 'SIGKILL');
  const next = await guarded.waitForPid('sleeper', pid);
  return (machine.process(next)?.startTime ?? Infinity) - Math.round(Number(uptime) * 100);
}

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

    test('the quickest of ten restarts begins within 30 ms of the death', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: {
          sleeper: 'command = ["/bin/sleep", "4711"]\nprobation = "0s"\n[restart]\nlimit = 1000\n',
        },
      });
      // On a busy machine one of them may be late, but whatever is waited for is there each time.
      let quickest = Infinity;
      for (let round = 0; round < 10; round += 1) {
        const { pid } = await guarded.waitForState('sleeper', 'running');
        quickest = Math.min(quickest, await restartTicks(guarded, pid ?? 0));
      }
      assert.ok(quickest <= 3, `${quickest} clock ticks`);
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
