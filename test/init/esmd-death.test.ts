/** Promise 4: esmd's own death costs nothing. Promise 2: there are never two copies. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

/** Runs only if no other copy does: the lock is in its hands as long as it lives. */
const single = (name: string): string =>
  `command = ["/usr/bin/flock", "--no-fork", "-n", "-E", "99", "/run/${name}.lock", "/bin/sleep", "47150"]
match = { exe = "/bin/sleep", args = ["47150"] }
probation = "0s"
[restart]
limit = 1000
delay = "0s"
`;

for (const init of inits) {
  describe(`death of esmd under ${init}`, () => {
    test('daemons go on, are adopted, and restarted when they die', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { sleeper: 'command = ["/bin/sleep", "4715"]\n' },
      });
      const pid = await guarded.waitForPid('sleeper');
      await guarded.waitForState('sleeper', 'running');
      await guarded.killEsmd();
      assert.equal(await guarded.waitForPid('sleeper'), pid);
      await guarded.assertOnly('/bin/sleep 4715', pid);
      // Its own session, and no descriptor that leads to esmd.
      const links = await guarded.machine.must(['sh', '-c', `ls -l /proc/${pid}/fd`]);
      assert.doesNotMatch(links, /pipe|socket/);
      guarded.machine.kill(pid);
      const next = await guarded.waitForPid('sleeper', pid);
      await guarded.assertOnly('/bin/sleep 4715', next);
      const { lastExit } = await guarded.service('sleeper');
      assert.equal(lastExit?.signal, 'SIGKILL', 'the kernel tells how an adopted process ended');
    });

    test('a daemon that died while esmd was dead is restarted once', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: { sleeper: 'command = ["/bin/sleep", "4715"]\n' },
      });
      const pid = await guarded.waitForPid('sleeper');
      const esmd = await guarded.esmdPid();
      // The next esmd believes that it runs, and nobody has seen it end.
      const tableHasIt = (): boolean =>
        /"state":"running".*"pid":\d/.test(
          guarded.machine.files.readIfThere('/run/esmd/table.json') ?? '',
        );
      await guarded.machine.waitFor(tableHasIt, 'the table');
      guarded.machine.kill(esmd, 'SIGSTOP');
      guarded.machine.kill(pid);
      guarded.machine.kill(esmd);
      const next = await guarded.waitForPid('sleeper', pid, 20_000);
      await guarded.assertOnly('/bin/sleep 4715', next);
    });
  });
}

test('however often both die, at whatever moment, there is never a second copy', async (context) => {
  const guarded = await bootGuarded(context, {
    init: 'busybox',
    services: { one: single('one') },
  });
  // The guard against crash loops would make every fifth round take 13 s.
  const forget = (): void => guarded.machine.files.remove('/run/esmd/starts');
  let pid = await guarded.waitForPid('one');
  for (let round = 0; round < 12; round += 1) {
    const esmd = await guarded.esmdPid();
    forget();
    guarded.machine.kill(pid);
    // A different moment each time: before the death is seen, while it is answered, afterwards.
    for (let turn = 0; turn < round % 6; turn += 1) await new Promise(setImmediate);
    guarded.machine.kill(esmd);
    await guarded.esmdPid(esmd);
    pid = await guarded.waitForPid('one', null, 20_000);
    await guarded.assertOnly('/bin/sleep 47150', pid);
  }
  assert.equal(guarded.countLog(/exit status 99/), 0, 'a second copy found the lock taken');
});

test('a start command that runs when esmd dies is waited for, even without a table', async (context) => {
  const script = 'echo . >> /run/starts; sleep 2; setsid sleep 4851 & echo $! > /run/slow.pid';
  const guarded = await bootGuarded(context, {
    services: {
      slow: `start = ["/bin/sh", "-c", "${script}"]
pidfile = "/run/slow.pid"
match = { exe = "/bin/sleep", args = ["4851"] }
`,
    },
  });
  await guarded.machine.waitFor(() => guarded.machine.files.exists('/run/starts'), 'its start');
  const esmd = await guarded.esmdPid();
  guarded.machine.kill(esmd, 'SIGSTOP');
  guarded.machine.files.remove('/run/esmd/table.json');
  guarded.machine.kill(esmd);
  const pid = await guarded.waitForPid('slow', null, 20_000);
  await guarded.assertOnly('sleep 4851', pid);
  assert.equal(guarded.machine.readFile('/run/starts'), '.\n', 'it was started once');
});

test('a daemon that has become another program is known by its marker, which nobody can forge', async (context) => {
  // Nothing says what /bin/sh becomes, so that no search by program finds it.
  const guarded = await bootGuarded(context, {
    services: { script: 'command = ["/bin/sh", "-c", "exec /bin/sleep 4867"]\n' },
  });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('script');
  await machine.waitFor(() => machine.pids(/^\/bin\/sleep 4867/).includes(pid), 'its program');
  const forge = 'ESMD_SERVICE=script ESMD_INCARNATION=9 setsid /bin/sleep 4868 >/dev/null 2>&1 &';
  await machine.must(['setpriv', '--reuid=65534', '--clear-groups', 'sh', '-c', forge]);
  const esmd = await guarded.esmdPid();
  machine.kill(esmd, 'SIGSTOP');
  machine.files.remove('/run/esmd/table.json');
  machine.kill(esmd);
  await guarded.esmdPid(esmd);
  assert.equal(await guarded.waitForPid('script', null, 20_000), pid);
  assert.deepEqual(machine.pids(/^\/bin\/sleep 4867/), [pid]);
  machine.kill(pid);
  const next = await guarded.waitForPid('script', pid);
  assert.equal((await guarded.esmctl('stop', 'script')).code, 0);
  assert.equal(machine.process(next), null);
  assert.equal(machine.pids(/^\/bin\/sleep 4868/).length, 1);
});

test('a marker alone makes no process the daemon while esmd lives', async (context) => {
  const guarded = await bootGuarded(context, {
    init: 'busybox',
    services: { web: 'command = ["/bin/sleep", "4872"]\nuser = "nobody"\n' },
  });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('web');
  assert.equal((await guarded.esmctl('stop', 'web')).code, 0);
  const forge = 'ESMD_SERVICE=web ESMD_INCARNATION=999999 setsid /bin/sleep 4873 >/dev/null 2>&1 &';
  await machine.must(['setpriv', '--reuid=65534', '--clear-groups', 'sh', '-c', forge]);
  const forged = await machine.waitForPid(/^\/bin\/sleep 4873/);
  assert.equal((await guarded.esmctl('start', 'web')).code, 0);
  const next = await guarded.waitForPid('web', pid);
  await guarded.assertOnly('/bin/sleep 4872', next);
  assert.deepEqual(machine.pids(/^\/bin\/sleep 4873/), [forged]);
});

for (const [kind, text] of [
  ['program', null],
  ['script', '#!/bin/sh\nwhile :; do /bin/sleep 4869; done\n'],
] as const) {
  test(`a daemon whose ${kind} has been removed goes on, even without a table`, async (context) => {
    const path = '/run/removed-daemon';
    const guarded = await bootGuarded(context, { state: 'mode boot' });
    const { machine } = guarded;
    if (text === null) await machine.must(['cp', '/bin/sleep', path]);
    else machine.files.replace(path, text, 0o755);
    machine.files.replace('/etc/esmd/services/gone.toml', `command = ["${path}", "4869"]\n`);
    guarded.writeState('mode run');
    await guarded.signalEsmd('SIGHUP');
    const pid = await guarded.waitForPid('gone');
    await guarded.waitForState('gone', 'running');
    const esmd = await guarded.esmdPid();
    machine.kill(esmd, 'SIGSTOP');
    machine.files.remove('/run/esmd/table.json');
    machine.files.remove(path);
    machine.kill(esmd);
    await guarded.esmdPid(esmd);
    assert.equal(await guarded.waitForPid('gone', null, 20_000), pid);
    await guarded.assertOnly(/removed-daemon 4869$/, pid);
  });
}

for (const [name, damage] of [
  ['missing', null],
  ['torn', '{"version":1,"bootId":"'],
  ['garbage', '\u0000\u0001\u0002'],
  ['from a newer version', '{"version":99,"bootId":"x","last":1,"services":[]}'],
  ['from an earlier boot', '{"version":1,"bootId":"x","last":1,"services":[]}'],
  ['poisoned', (table: string) => table.replace(/"sinceWall":\d+/, '"sinceWall":1e300')],
] as const) {
  test(`a table that is ${name}: the daemon is found and adopted`, async (context) => {
    const guarded = await bootGuarded(context, {
      services: { sleeper: 'command = ["/bin/sleep", "4716"]\n' },
    });
    const pid = await guarded.waitForPid('sleeper');
    const written = await guarded.machine.waitFor(() => {
      const table = guarded.machine.files.readIfThere('/run/esmd/table.json');
      return table?.includes(`"pid":${pid}`) === true ? table : null;
    }, 'the table');
    const esmd = await guarded.esmdPid();
    guarded.machine.kill(esmd, 'SIGSTOP');
    const damaged = typeof damage === 'function' ? damage(written) : damage;
    if (damaged === null) guarded.machine.files.remove('/run/esmd/table.json');
    else guarded.machine.files.replace('/run/esmd/table.json', damaged, 0o600);
    guarded.machine.kill(esmd);
    await guarded.esmdPid(esmd);
    assert.equal(await guarded.waitForPid('sleeper', null, 20_000), pid);
    await guarded.assertOnly('/bin/sleep 4716', pid);
    if (damage !== null) await guarded.waitForLog(/Cannot use the table of the last esmd/);
  });
}
