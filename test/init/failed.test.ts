/** Promise 7: giving up is loud, visible, and never final unless asked. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

/** Fails as long as /run/NAME.broken exists. */
const fragile = (retry: string): string => `
command = ["/bin/sh", "-c", "[ ! -e /run/fragile.broken ] && exec /bin/sleep 4717"]
match = { exe = "/bin/sleep", args = ["4717"] }
probation = "100ms"
[restart]
limit = 2
delay = "10ms"
retry = "${retry}"
`;

const broken = { '/run/fragile.broken': '' };

for (const init of inits) {
  describe(`giving up under ${init}`, () => {
    test('one emergency message, exit code 1, and a try at every interval', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { fragile: fragile('restart') },
        files: broken,
        command: '/usr/sbin/esmd -r 1',
      });
      await guarded.waitForLog(/daemon\.emerg .*"fragile" has failed/);
      const status = await guarded.esmctl('status', 'fragile');
      assert.equal(status.code, 1);
      assert.match(status.stdout, /failed/);
      await guarded.waitForLog(/"fragile" could not be restarted \(try 1\)/);
      guarded.machine.files.remove('/run/fragile.broken');
      await guarded.waitForState('fragile', 'running', 15_000);
      await guarded.waitForLog(/daemon\.info .*"fragile" runs again/);
      assert.equal(guarded.countLog(/daemon\.emerg/), 1);
      assert.equal((await guarded.esmctl('status', 'fragile')).code, 0);
    });

    test('resume: esmd only watches, and says so when somebody has repaired it', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { fragile: fragile('resume') },
        files: broken,
        command: '/usr/sbin/esmd -r 1 -a',
      });
      await guarded.waitForLog(/daemon\.alert .*"fragile" has failed/);
      guarded.machine.files.remove('/run/fragile.broken');
      const next = (await guarded.service('fragile')).nextRetryAt;
      await guarded.waitForService('fragile', (service) => service.nextRetryAt !== next, 'a look');
      assert.equal((await guarded.service('fragile')).state, 'failed');
      await guarded.machine.must(['sh', '-c', 'setsid /bin/sleep 4717 >/dev/null 2>&1 &']);
      await guarded.waitForLog(/daemon\.info .*"fragile" runs again: monitoring resumed/);
      const pid = await guarded.waitForPid('fragile');
      guarded.machine.kill(pid);
      const again = await guarded.waitForPid('fragile', pid);
      await guarded.assertOnly('/bin/sleep 4717', again);
      assert.equal(guarded.countLog(/daemon\.emerg/), 0);
    });

    test('-r 0: no further try, until SIGHUP forces one', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { fragile: fragile('restart') },
        files: broken,
        command: '/usr/sbin/esmd -r 0',
      });
      await guarded.waitForState('fragile', 'failed');
      assert.equal((await guarded.service('fragile')).nextRetryAt, null);
      guarded.machine.files.remove('/run/fragile.broken');
      await guarded.signalEsmd('SIGHUP');
      await guarded.waitForState('fragile', 'running');
      const { failures } = await guarded.service('fragile');
      assert.equal(failures, 0);
    });
  });
}

test('an init script that has started it says so, and esmd looks at once', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { fragile: fragile('resume') },
    files: broken,
    command: '/usr/sbin/esmd -r 3600',
  });
  await guarded.waitForState('fragile', 'failed');
  const repair = 'rm /run/fragile.broken; setsid /bin/sleep 4717 >/dev/null 2>&1 &';
  await guarded.machine.must(['sh', '-c', repair]);
  assert.equal((await guarded.esm('started', 'fragile')).code, 0);
  await guarded.waitForState('fragile', 'running');
  await guarded.waitForLog(/daemon\.info .*"fragile" runs again: monitoring resumed/);
});

test('the next esmd goes on with the tries, and does not give up once more', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { fragile: fragile('restart') },
    files: broken,
    command: '/usr/sbin/esmd -r 1',
  });
  await guarded.waitForLog(/"fragile" could not be restarted \(try 1\)/);
  const tableHasTry = (): boolean =>
    guarded.machine.files.readIfThere('/run/esmd/table.json')?.includes('"tries":1') === true;
  await guarded.machine.waitFor(tableHasTry, 'the table');
  const esmd = await guarded.killEsmd();
  await guarded.waitForLog(
    new RegExp(`esmd\\[${esmd}\\]: "fragile" could not be .*\\(try [2-9]\\)`),
  );
  assert.equal(guarded.countLog(/daemon\.emerg/), 1);
});

test('an esmd that is killed at once after it has given up leaves nothing unsaid', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { fragile: fragile('restart') },
    files: broken,
    command: '/usr/sbin/esmd -r 3600',
  });
  const table = (): string => guarded.machine.files.readIfThere('/run/esmd/table.json') ?? '';
  await guarded.machine.waitFor(() => table().includes('"state":"failed"'), 'the table');
  await guarded.killEsmd();
  await guarded.waitForLog(/daemon\.emerg .*"fragile" has failed/);
  assert.equal(guarded.countLog(/daemon\.emerg/), 1);
});

test('many that fail at once are one message with their number', async (context) => {
  const services = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`bad${i}`, fragile('restart')]),
  );
  const unmatched = Object.fromEntries(
    Object.entries(services).map(([name, text], i) => [name, text.replaceAll('4717', `48${i}`)]),
  );
  const guarded = await bootGuarded(context, { services: unmatched, files: broken });
  await guarded.waitForLog(/daemon\.emerg .*12 services have failed/);
  // Their names follow it, a line each.
  const named = (): boolean => guarded.countLog(/daemon\.err .*"bad\d+" has failed/) === 12;
  await guarded.machine.waitFor(named, 'the names');
  assert.equal(guarded.countLog(/daemon\.emerg/), 1);
});

test("an operator's start is never rate-limited, and forgets the failures", async (context) => {
  const guarded = await bootGuarded(context, {
    services: { fragile: fragile('restart') },
    files: broken,
  });
  await guarded.waitForState('fragile', 'failed');
  for (let round = 0; round < 5; round += 1) {
    assert.equal((await guarded.esmctl('start', 'fragile')).code, 1);
    await guarded.waitForState('fragile', 'failed');
  }
  guarded.machine.files.remove('/run/fragile.broken');
  assert.equal((await guarded.esmctl('start', 'fragile')).code, 0);
});
