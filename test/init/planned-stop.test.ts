/** Promise 6: esmd never fights a planned stop, and never stops what the machine starts. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

const service = 'command = ["/bin/sleep", "4713"]\nprobation = "0s"\n';
const rounds = 30;

/** What an init script does around its own kill of $1; then its start, in the given order. */
const script = (afterwards: string): string => `set -e
/etc/init.d/esm stopping sleeper
kill -9 "$1"
until ! read -r stat </proc/"$1"/stat || [ "\${stat#*) Z}" != "$stat" ]; do :; done 2>/dev/null
/etc/init.d/esm stopped sleeper
copies=$(pidof sleep) || :
case "$copies" in
  '' | "$1") ;;
  *)
    echo "$copies instead of $1" >&2
    exit 1
    ;;
esac
${afterwards}`;

const orders = [
  ['before its start', '/etc/init.d/esm started sleeper; setsid /bin/sleep 4713 >/dev/null 2>&1 &'],
  ['after its start', 'setsid /bin/sleep 4713 >/dev/null 2>&1 & /etc/init.d/esm started sleeper'],
] as const;

for (const init of inits) {
  describe(`planned stops under ${init}`, () => {
    for (const [name, afterwards] of orders) {
      test(`${rounds} rounds of stop and start are not fought, told ${name}`, async (context) => {
        const guarded = await bootGuarded(context, { init, services: { sleeper: service } });
        let pid = await guarded.waitForPid('sleeper');
        for (let round = 0; round < rounds; round += 1) {
          await guarded.machine.must(['sh', '-c', script(afterwards), 'sh', String(pid)]);
          pid = await guarded.waitForPid('sleeper', pid);
          await guarded.assertOnly('/bin/sleep 4713', pid);
        }
        assert.equal((await guarded.service('sleeper')).restarts, 0);
        assert.equal(guarded.countLog(/was restarted/), 0);
      });
    }

    test('a state file that is replaced without a word is seen before a death is answered', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { sleeper: service } });
      for (let round = 0; round < rounds; round += 1) {
        const pid = await guarded.waitForPid('sleeper');
        guarded.writeState('mode run\ndaemon sleeper stopping');
        guarded.machine.kill(pid);
        await guarded.waitForState('sleeper', 'stopped');
        assert.deepEqual(guarded.machine.pids('/bin/sleep 4713'), []);
        guarded.writeState('mode run');
        await guarded.signalEsmd('SIGUSR1');
      }
      assert.equal(guarded.countLog(/was restarted/), 0);
      // Announced before it died, so that its death is no failure.
      assert.equal(guarded.countLog(/daemon\.warn .*"sleeper"/), 0);
    });
  });
}

test('mode boot and shutdown are hands off: nothing is started, restarted or signalled', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { sleeper: service, other: 'command = ["/bin/sleep", "4714"]\n' },
    state: 'mode boot\ndaemon sleeper up',
  });
  // Named `up`, and nobody starts it: esmd looks for it, and the operator need not wait.
  assert.equal((await guarded.esmctl('start', 'sleeper')).code, 0);
  const pid = await guarded.waitForPid('sleeper');
  const refused = await guarded.esmctl('start', 'other');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /mode boot/);
  assert.equal((await guarded.service('other')).desired, 'unmonitored');

  assert.equal((await guarded.esm('stop', '--force')).code, 0);
  await guarded.waitForService('sleeper', ({ desired }) => desired === 'unmonitored', 'hands off');
  await guarded.assertOnly('/bin/sleep 4713', pid);
  guarded.machine.kill(pid);
  await guarded.waitForState('sleeper', 'stopped');
  assert.deepEqual(guarded.machine.pids('/bin/sleep 4713'), []);

  assert.equal((await guarded.esm('start', '--force')).code, 0);
  await guarded.waitForPid('sleeper');
  await guarded.waitForPid('other');
});

test("an operator's stop outlives esmd, HUP and modes, and ends with started", async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper: service } });
  assert.equal((await guarded.esmctl('stop', 'sleeper')).code, 0);
  await guarded.killEsmd();
  await guarded.signalEsmd('SIGHUP');
  await guarded.waitForLog(/1 service configured/);
  guarded.writeState('mode boot\n');
  guarded.writeState('mode shutdown\n');
  guarded.writeState('mode run\n');
  await guarded.signalEsmd('SIGUSR1');
  const { desired, desiredBy } = await guarded.service('sleeper');
  assert.deepEqual([desired, desiredBy], ['down', 'operator']);
  assert.deepEqual(guarded.machine.pids('/bin/sleep 4713'), []);
  await guarded.machine.must(['sh', '-c', 'setsid /bin/sleep 4713 >/dev/null 2>&1 &']);
  assert.equal((await guarded.esm('started', 'sleeper')).code, 0);
  await guarded.waitForState('sleeper', 'running');
});

test("HUP does not undo an operator's stop, even if the state file last said up", async (context) => {
  const guarded = await bootGuarded(context, {
    services: { sleeper: service },
    state: 'mode run\ndaemon sleeper up',
  });
  assert.equal((await guarded.esmctl('start', 'sleeper')).code, 0);
  assert.equal((await guarded.esmctl('stop', 'sleeper')).code, 0);
  assert.equal((await guarded.esmctl('reload')).code, 0);
  const { desired, desiredBy, state } = await guarded.service('sleeper');
  assert.deepEqual([desired, desiredBy, state], ['down', 'operator', 'stopped']);
});
