/** Promise 3: a pid is never trusted by number. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, type Guarded } from './lib/guarded.js';

const background = (name: string, seconds: number): string => `
start = ["/bin/sh", "-c", "setsid /bin/sleep ${seconds} & echo $! > /run/${name}.pid"]
pidfile = "/run/${name}.pid"
match = { exe = "/bin/sleep", args = ["${seconds}"] }
start_timeout = "2s"
probation = "0s"
`;

/** Starts a stranger under exactly this number, by telling the kernel which was given out last. */
async function recycle(guarded: Guarded, pid: number): Promise<void> {
  const script = `for i in 1 2 3 4 5 6 7 8 9; do
    echo ${pid - 1} > /proc/sys/kernel/ns_last_pid
    /bin/sleep 9999 >/dev/null 2>&1 &
    [ $! = ${pid} ] && exit 0
    kill $!
  done; exit 1`;
  await guarded.machine.must(['sh', '-c', script]);
  await guarded.machine.waitFor(
    () => guarded.machine.pids('/bin/sleep 9999').includes(pid),
    'the stranger',
  );
}

describe('a recycled pid', () => {
  test('in a pid file: the stranger is neither adopted nor signalled', async (context) => {
    const guarded = await bootGuarded(context, { services: { bg: background('bg', 4721) } });
    const pid = await guarded.waitForPid('bg');
    await guarded.esm('stopping', 'bg');
    guarded.machine.kill(pid);
    await guarded.waitForState('bg', 'stopped');
    await recycle(guarded, pid);
    await guarded.esm('started', 'bg');
    assert.equal((await guarded.esmctl('start', 'bg')).code, 0);
    const next = await guarded.waitForPid('bg');
    assert.notEqual(next, pid);
    assert.equal((await guarded.esmctl('stop', 'bg')).code, 0);
    assert.deepEqual(guarded.machine.pids('/bin/sleep 9999'), [pid]);
  });

  test('in the table of a dead esmd: the stranger is neither adopted nor signalled', async (context) => {
    const service = 'command = ["/bin/sleep", "4722"]\nprobation = "0s"\n';
    const guarded = await bootGuarded(context, { services: { fg: service } });
    const pid = await guarded.waitForPid('fg');
    await guarded.waitForState('fg', 'running');
    await guarded.machine.waitFor(
      () =>
        guarded.machine.files.readIfThere('/run/esmd/table.json')?.includes('"state":"running"') ===
        true,
      'the table',
    );
    const esmd = await guarded.esmdPid();
    guarded.machine.kill(esmd, 'SIGSTOP');
    guarded.machine.kill(pid);
    guarded.machine.kill(esmd);
    await guarded.machine.waitFor(() => guarded.machine.process(pid) === null, 'a free number');
    await recycle(guarded, pid);
    const next = await guarded.waitForPid('fg', pid, 20_000);
    await guarded.assertOnly('/bin/sleep 4722', next);
    assert.equal((await guarded.esmctl('stop', 'fg')).code, 0);
    assert.deepEqual(guarded.machine.pids('/bin/sleep 9999'), [pid]);
  });
});

const nonsense: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['0', '0\n'],
  ['-1', '-1\n'],
  ['1', '1\n'],
  ['words', 'not a number\n'],
  ['a number beyond all pids', '99999999999999999999\n'],
];

describe('a pid file that says', () => {
  for (const [name, text] of nonsense) {
    test(`${name}: is not believed, and the daemon is started`, async (context) => {
      const guarded = await bootGuarded(context, {
        init: 'busybox',
        services: { bg: background('bg', 4723) },
        files: { '/run/bg.pid': text },
      });
      const pid = await guarded.waitForPid('bg');
      await guarded.assertOnly('/bin/sleep 4723', pid);
    });
  }

  test("esmd's own number, or a stranger's: is not believed", async (context) => {
    const guarded = await bootGuarded(context, { services: { bg: background('bg', 4724) } });
    const pid = await guarded.waitForPid('bg');
    for (const other of [await guarded.esmdPid(), guarded.machine.pids('syslogd')[0] ?? 0]) {
      await guarded.esm('stopping', 'bg');
      for (const old of guarded.machine.pids('/bin/sleep 4724')) guarded.machine.kill(old);
      await guarded.waitForState('bg', 'stopped');
      guarded.writeState('mode run');
      guarded.machine.files.replace('/run/bg.pid', `${other}\n`);
      await guarded.signalEsmd('SIGUSR1');
      const next = await guarded.waitForPid('bg', other);
      assert.notEqual(next, pid);
      await guarded.assertOnly('/bin/sleep 4724', next);
    }
  });
});

describe('a pid file that others can write', () => {
  // Two processes match, and the pid file says which of them is meant.
  const service = `start = ["/bin/false"]
pidfile = "/run/named/bg.pid"
match = { exe = "/bin/sleep" }
`;
  for (const [owner, outcome] of [
    ['0', 'running'],
    ['65534', 'backoff'],
  ] as const) {
    test(`by user ${owner}: it ${owner === '0' ? 'decides' : 'decides nothing about a process of root'}`, async (context) => {
      const guarded = await bootGuarded(context, {
        services: { bg: service },
        files: { '/run/named/bg.pid': '0\n' },
        state: 'mode boot',
      });
      const { machine } = guarded;
      await machine.must([
        'sh',
        '-c',
        'for i in 1 2; do setsid /bin/sleep 4725 >/dev/null 2>&1 & done',
      ]);
      await machine.waitFor(() => machine.pids(/^\/bin\/sleep 4725/).length === 2, 'two of them');
      const [, second = 0] = machine.pids('/bin/sleep 4725');
      machine.files.write('/run/named/bg.pid', `${second}\n`);
      await machine.must(['chown', '-R', owner, '/run/named']);
      await guarded.esm('start', '--force');
      const { pid } = await guarded.waitForState('bg', outcome);
      assert.equal(pid, outcome === 'running' ? second : null);
      assert.equal(machine.pids('/bin/sleep 4725').length, 2);
    });
  }

  test('a symbolic link to another file is not followed', async (context) => {
    const guarded = await bootGuarded(context, {
      services: { bg: background('bg', 4726) },
      files: { '/run/real.pid': '1\n', '/run/bg.pid': { link: '/run/real.pid' } },
    });
    // The start command writes through the link; esmd does not read through it, and searches.
    const pid = await guarded.waitForPid('bg', null, 15_000);
    await guarded.assertOnly('/bin/sleep 4726', pid);
  });
});

describe('several processes that match', () => {
  test('are ambiguous: neither adopted nor started, said once', async (context) => {
    const guarded = await bootGuarded(context, {
      services: { fg: 'command = ["/bin/sleep", "4727"]\n[restart]\nretry_interval = "300ms"\n' },
      state: 'mode boot',
    });
    for (let i = 0; i < 2; i += 1) {
      await guarded.machine.must(['sh', '-c', 'setsid /bin/sleep 4727 >/dev/null 2>&1 &']);
    }
    await guarded.machine.waitFor(
      () => guarded.machine.pids(/^\/bin\/sleep 4727/).length === 2,
      'two',
    );
    const both = guarded.machine.pids('/bin/sleep 4727');
    await guarded.esm('start', '--force');
    await guarded.waitForLog(/"fg" is neither adopted nor started/);
    const { nextRetryAt } = await guarded.waitForState('fg', 'backoff');
    await guarded.waitForService(
      'fg',
      (service) => service.nextRetryAt !== null && service.nextRetryAt !== nextRetryAt,
      'another look',
    );
    assert.equal(guarded.countLog(/neither adopted nor started/), 1);
    assert.deepEqual(guarded.machine.pids('/bin/sleep 4727'), both);
    guarded.machine.kill(both[0] ?? 0);
    assert.equal(await guarded.waitForPid('fg'), both[1]);
  });

  test('are not stopped, which stop says, until one of them is left', async (context) => {
    const guarded = await bootGuarded(context, {
      services: { fg: 'command = ["/bin/sleep", "4745"]\n' },
      state: 'mode boot',
    });
    const { machine } = guarded;
    for (let i = 0; i < 2; i += 1) {
      await machine.must(['sh', '-c', 'setsid /bin/sleep 4745 >/dev/null 2>&1 &']);
    }
    await machine.waitFor(() => machine.pids(/^\/bin\/sleep 4745/).length === 2, 'two');
    const both = machine.pids('/bin/sleep 4745');
    await guarded.esm('start', '--force');
    await guarded.waitForState('fg', 'backoff');
    for (let i = 0; i < 2; i += 1) {
      const { code, stdout, stderr } = await guarded.esmctl('stop', 'fg');
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(
        stderr,
        `esmctl: fg: not stopped: several processes match: ${both.join(', ')}\n`,
      );
    }
    assert.deepEqual(machine.pids('/bin/sleep 4745'), both);
    assert.equal(guarded.countLog(/"fg" has stopped/), 0);
    machine.kill(both[0] ?? 0);
    assert.equal((await guarded.esmctl('stop', 'fg')).code, 0);
    assert.deepEqual(machine.pids('/bin/sleep 4745'), []);
  });

  test('one in a container is none of ours', async (context) => {
    const guarded = await bootGuarded(context, {
      services: { fg: 'command = ["/bin/sleep", "4728"]\n' },
      state: 'mode boot',
    });
    await guarded.machine.must([
      'sh',
      '-c',
      'setsid unshare --pid --fork --mount-proc /bin/sleep 4728 >/dev/null 2>&1 &',
    ]);
    const contained = await guarded.machine.waitForPid(/^\/bin\/sleep 4728/);
    await guarded.esm('start', '--force');
    const pid = await guarded.waitForPid('fg');
    assert.notEqual(pid, contained);
    assert.equal((await guarded.esmctl('stop', 'fg')).code, 0);
    assert.deepEqual(guarded.machine.pids(/^\/bin\/sleep 4728/), [contained]);
  });

  test('a zombie is not taken for the daemon', async (context) => {
    const guarded = await bootGuarded(context, {
      services: { bg: background('bg', 4729) },
      state: 'mode boot',
    });
    // A parent that does not reap: its child is dead, and yet has a number.
    await guarded.machine.must([
      'sh',
      '-c',
      `setsid sh -c '/bin/sleep 4729 & p=$!; until grep -q sleep /proc/$p/comm; do :; done; echo $p > /run/bg.pid; kill -9 $p; exec sleep 8888' >/dev/null 2>&1 &`,
    ]);
    await guarded.machine.waitFor(
      () =>
        guarded.machine.processes().some(({ state, name }) => state === 'Z' && name === 'sleep'),
      'a zombie',
    );
    await guarded.esm('start', '--force');
    const pid = await guarded.waitForPid('bg');
    await guarded.assertOnly('/bin/sleep 4729', pid);
  });
});
