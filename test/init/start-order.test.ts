/** What a start waits for: requirements that have to live, and starts that come first. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded, inits, shell, sleepOf } from './lib/guarded.js';

/** Says in /run/order that it begins, and takes a while until it has started. */
const slow = (name: string, seconds: number): string => `start = ${shell(
  `echo ${name} begins >>/run/order; /bin/sleep 0.3; setsid /bin/sleep ${seconds} & echo $! >/run/${name}.pid; echo ${name} has begun >>/run/order`,
)}
pidfile = "/run/${name}.pid"
match = { exe = "/bin/sleep", args = ["${seconds}"] }
probation = "0s"
`;

for (const init of inits) {
  test(`under ${init}, services start one after the other where they say so`, async (context) => {
    const guarded = await bootGuarded(context, {
      init,
      // In the order of their names it would be the other way round.
      services: {
        a: `${slow('a', 4851)}after = ["b"]\n`,
        b: `${slow('b', 4852)}requires = ["c"]\n`,
        c: slow('c', 4853),
        // Does not run, and is not waited for.
        d: `${slow('d', 4854)}after = ["off"]\n`,
        off: 'command = ["/bin/sleep", "4855"]\n',
      },
      state: 'mode run\ndaemon off down',
    });
    for (const name of ['a', 'b', 'c', 'd']) await guarded.waitForState(name, 'running');
    const order = guarded.machine.readFile('/run/order').trim().split('\n');
    assert.deepEqual(
      order.filter((line) => !line.startsWith('d')),
      ['c', 'b', 'a'].flatMap((name) => [`${name} begins`, `${name} has begun`]),
    );
    assert.ok(order.indexOf('d begins') < order.indexOf('c has begun'), order.join());
    await guarded.waitForLog(/"b" waits for c/);
    await guarded.waitForLog(/"a" waits for b/);
  });
}

test('a requirement that does not come up is waited for, and nothing is counted', async (context) => {
  const guarded = await bootGuarded(context, {
    init: 'busybox',
    services: {
      base: `start = ${shell('[ -e /run/repaired ] && { setsid /bin/sleep 4856 & }')}
match = { exe = "/bin/sleep", args = ["4856"] }
[restart]
limit = 1
delay = "10ms"
retry_interval = "0s"
`,
      user: 'command = ["/bin/sleep", "4857"]\nrequires = ["base"]\n',
    },
  });
  await guarded.waitForState('base', 'failed');
  const waits = await guarded.service('user');
  assert.deepEqual(
    [waits.state, waits.reason, waits.failures, waits.desired],
    ['stopped', 'waits for base', 0, 'up'],
  );
  assert.match((await guarded.esmctl('why', 'user')).stdout, /waits for base/);
  guarded.machine.writeFile('/run/repaired', '');
  assert.equal(await guarded.ask('start', 'base'), 202);
  const user = await guarded.waitForPid('user');
  // The end of a requirement does not touch what runs.
  const base = await guarded.waitForPid('base');
  guarded.machine.kill(base);
  await guarded.waitForPid('base', base);
  await guarded.assertOnly(sleepOf(4857), user);
  assert.equal((await guarded.service('user')).restarts, 0);
  assert.equal(guarded.countLog(/"user" waits for base/), 1);
});
