/** Signals of esmd(8): HUP, USR1, USR2, STOP and CONT, TERM and INT. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

const sleeper = 'command = ["/bin/sleep", "4718"]\nprobation = "0s"\n';

for (const init of inits) {
  describe(`signals under ${init}`, () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      test(`${signal}: leaves the daemons running, and the next esmd has them`, async (context) => {
        const guarded = await bootGuarded(context, { init, services: { sleeper } });
        const pid = await guarded.waitForPid('sleeper');
        await guarded.killEsmd(signal);
        assert.equal(await guarded.waitForPid('sleeper'), pid);
        await guarded.waitForLog(new RegExp(`esmd ends by ${signal}`));
        assert.equal(guarded.countLog(/was started/), 1);
      });
    }

    test('TERM: who dies after it is left to the next esmd', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { sleeper } });
      const { machine } = guarded;
      for (let round = 0; round < 3; round += 1) {
        const { pid } = await guarded.waitForState('sleeper', 'running');
        const esmd = await guarded.esmdPid();
        const hosts = [machine.hostPidOf(esmd), machine.hostPidOf(pid ?? 0)] as const;
        assert.ok(hosts[0] !== null && hosts[1] !== null);
        const restarted = new RegExp(`esmd\\[${esmd}\\]: .*was restarted`);
        const before = guarded.countLog(restarted);
        // As init does at a shutdown, where a restart would fight it.
        process.kill(hosts[0], 'SIGTERM');
        process.kill(hosts[1], 'SIGKILL');
        await guarded.esmdPid(esmd);
        await guarded.assertOnly('/bin/sleep 4718', await guarded.waitForPid('sleeper', pid));
        assert.equal(guarded.countLog(restarted), before);
      }
    });

    test('STOP and CONT: nothing is restarted meanwhile, and once afterwards', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { sleeper } });
      const pid = await guarded.waitForPid('sleeper');
      assert.equal((await guarded.esm('disable')).code, 0);
      guarded.machine.kill(pid);
      const stopped = await guarded.esmctl('status');
      assert.equal(stopped.code, 3);
      assert.match(stopped.stderr, /stopped/);
      assert.deepEqual(guarded.machine.pids('/bin/sleep 4718'), []);
      assert.equal((await guarded.esm('enable')).code, 0);
      const next = await guarded.waitForPid('sleeper', pid);
      await guarded.assertOnly('/bin/sleep 4718', next);
    });

    test('STOP and CONT: one that was restarted by hand is adopted', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { sleeper } });
      const pid = await guarded.waitForPid('sleeper');
      const esmd = await guarded.esmdPid();
      guarded.machine.kill(esmd, 'SIGSTOP');
      const isStopped = (): boolean => guarded.machine.process(esmd)?.state === 'T';
      await guarded.machine.waitFor(isStopped, 'esmd to be stopped');
      guarded.machine.kill(pid);
      // While the first one still dies, on a busy machine, the second one would be another copy.
      const isDead = (): boolean => (guarded.machine.process(pid)?.state ?? 'Z') === 'Z';
      await guarded.machine.waitFor(isDead, 'its end');
      await guarded.machine.must(['sh', '-c', 'setsid /bin/sleep 4718 >/dev/null 2>&1 &']);
      const byHand = await guarded.machine.waitForPid(/^\/bin\/sleep 4718/, [pid]);
      await guarded.signalEsmd('SIGCONT');
      assert.equal(await guarded.waitForPid('sleeper', pid), byHand);
      await guarded.assertOnly('/bin/sleep 4718', byHand);
    });

    test('HUP: reads configuration anew, and bounces nothing that runs', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { sleeper } });
      const pid = await guarded.waitForPid('sleeper');
      guarded.machine.files.replace(
        '/etc/esmd/services/sleeper.toml',
        sleeper.replace('4718', '4719'),
      );
      guarded.machine.files.replace('/etc/esmd/services/new.toml', sleeper.replace('4718', '4720'));
      // A change on disk is said, and not applied by itself.
      await guarded.waitForLog(/the configuration differs from what is loaded/);
      assert.equal((await guarded.status()).esmd.configDiffers, true);
      assert.equal((await guarded.status()).services.length, 1);
      assert.equal((await guarded.esm('reload')).code, 0);
      await guarded.waitForPid('new');
      assert.equal((await guarded.service('sleeper')).pid, pid);
      assert.equal((await guarded.service('sleeper')).differs, true);
      guarded.machine.kill(pid);
      const next = await guarded.waitForPid('sleeper', pid);
      await guarded.assertOnly('/bin/sleep 4719', next);
      assert.equal((await guarded.service('sleeper')).differs, false);
    });

    test('USR2: the state goes to syslog', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { sleeper } });
      await guarded.waitForState('sleeper', 'running');
      await guarded.signalEsmd('SIGUSR2');
      await guarded.waitForLog(/"sleeper" running, pid \d+, desired up/);
    });

    test('USR1 every millisecond from exec on opens no debugger', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { sleeper },
        command: '/usr/sbin/esmd',
      });
      const pid = await guarded.waitForPid('sleeper');
      const old = await guarded.esmdPid();
      // A shell in the machine hits every process whose arguments name esmd, from its exec on.
      const storm = await guarded.machine.start([
        'sh',
        '-c',
        'while :; do for p in /proc/[0-9]*; do case $(tr "\\0" " " <$p/cmdline) in *node*esmd.js*) kill -USR1 ${p#/proc/};; esac; done 2>/dev/null; done',
      ]);
      guarded.machine.kill(old);
      const next = await guarded.esmdPid(old);
      await guarded.waitUntilReachable();
      assert.equal(await guarded.waitForPid('sleeper'), pid);
      const listening = await guarded.machine.must(['cat', '/proc/net/tcp', '/proc/net/tcp6']);
      assert.doesNotMatch(listening, / 0A /, 'something listens');
      assert.equal(await guarded.esmdPid(), next);
      guarded.machine.kill(storm.pid);
      await storm.ended;
    });
  });
}

test('a third process that starts esmd is refused, at once and clearly', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper } });
  const { code, stderr } = await guarded.machine.run(['/usr/sbin/esmd']);
  assert.equal(code, 77);
  assert.match(stderr, /has to be started by init/);
  assert.equal(stderr.trim().split('\n').length, 1);
  await guarded.waitForLog(/has to be started by init/);
});

test('--help and --version answer whoever asks', async (context) => {
  const guarded = await bootGuarded(context);
  assert.match(await guarded.machine.must(['/usr/sbin/esmd', '--version']), /^\d+\.\d+\.\d+\n$/);
  assert.match(await guarded.machine.must(['/usr/sbin/esmd', '--help']), /-r <seconds>/);
});
