/**
 * A whole sysvinit machine, esmd on it by `make install` and its inittab lines: rsyslog and cron are
 * guarded under their own, unchanged init scripts, through boot, service(8), telinit and shutdown.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Guarded } from './lib/guarded.js';
import { repository } from './lib/places.js';
import { bootWhole } from './lib/whole.js';

const sample = (name: string): string =>
  readFileSync(join(repository, 'init.d/samples/services', `${name}.toml`), 'utf8');

const daemons = [
  { service: 'rsyslogd', script: 'rsyslog', match: /^\/usr\/sbin\/rsyslogd/ },
  { service: 'cron', script: 'cron', match: /^\/usr\/sbin\/cron/ },
] as const;

const rounds = 50;

describe('rsyslog and cron under their unchanged init scripts', () => {
  test('boot, kills, fifty rounds of service, run levels, shutdown', async (context) => {
    const machine = await bootWhole({
      files: Object.fromEntries(
        daemons.map(({ service }) => [`/etc/esmd/services/${service}.toml`, sample(service)]),
      ),
    });
    context.after(() => machine.destroy());
    const guarded = new Guarded(machine);
    await guarded.waitUntilReachable();

    // Boot: the scripts of run level 2 started both, and esmd adopted them.
    for (const { service, match } of daemons) {
      const pid = await guarded.waitForPid(service);
      await guarded.assertOnly(match, pid);
      assert.equal((await guarded.service(service)).restarts, 0, 'it was adopted, not started');
    }
    assert.equal((await guarded.status()).esmd.mode, 'run');

    for (const { service, match } of daemons) {
      const pid = await guarded.waitForPid(service);
      machine.kill(pid);
      const next = await guarded.waitForPid(service, pid, 15_000);
      await guarded.assertOnly(match, next);
      assert.equal((await guarded.service(service)).restarts, 1);
    }

    for (let round = 0; round < rounds; round += 1) {
      const { service, script, match } = daemons[round % 2] ?? daemons[0];
      const before = await guarded.waitForPid(service);
      if (round % 4 < 2) {
        await machine.must(['service', script, 'restart']);
      } else {
        await machine.must(['service', script, 'stop']);
        await guarded.waitForState(service, 'stopped');
        assert.deepEqual(machine.pids(match), [], `round ${round}: ${service} stays down`);
        await machine.must(['service', script, 'start']);
      }
      const pid = await guarded.waitForPid(service, before, 15_000);
      await guarded.assertOnly(match, pid);
    }
    for (const { service } of daemons) {
      assert.equal((await guarded.service(service)).restarts, 1, `${service} was not fought for`);
    }

    // A stop and a start through esmd, which runs the same scripts.
    assert.equal((await guarded.esmctl('stop', 'cron')).code, 0);
    assert.deepEqual(machine.pids(daemons[1].match), []);
    assert.equal((await guarded.esmctl('start', 'cron')).code, 0);
    await guarded.assertOnly(daemons[1].match, await guarded.waitForPid('cron'));

    await machine.telinit('3');
    await machine.waitFor(
      async () => (await machine.must(['runlevel'])).trim() === '2 3',
      'run level 3',
    );
    for (const { service, match } of daemons) {
      await guarded.assertOnly(match, await guarded.waitForPid(service, null, 15_000));
    }
    await machine.powerOff(60_000);
    // While rsyslogd was down the console had its messages, and none of them was an alarm.
    assert.doesNotMatch(machine.console(), /esmd: (error|critical|alert|emergency)/);
  });
});
