/** Start commands, what becomes of them, and how the daemon that they leave behind is found. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, shell, sleepOf } from './lib/guarded.js';

/** Without init's part in it, the init that boots faster. */
const init = 'busybox';

/** A daemon that puts itself into the background. */
const background = (
  start: string,
  seconds: number,
  name: string,
  startTimeout = '20s',
): string => `start = ${start}
pidfile = "/run/${name}.pid"
match = { exe = "/bin/sleep", args = ["${seconds}"] }
start_timeout = "${startTimeout}"
stop_timeout = "300ms"
probation = "0s"
`;

/** The first failure is the last one, and nothing more is tried. */
const onlyOnce = '[restart]\nlimit = 0\nretry_interval = "0s"\n';

/** What a shell has just started has executed sleep(1). */
const untilItRuns =
  'until [ "$(readlink /proc/$!/exe)" = "$(readlink -f /bin/sleep)" ]; do :; done';

test('what cannot be started fails with the reason, and leaves nothing', async (context) => {
  const rows: readonly (readonly [string, readonly string[] | string, RegExp])[] = [
    ['missing', ['/opt/missing'], /\/opt\/missing.* is missing/],
    ['plain', ['/opt/plain'], /\/opt\/plain.* no permission to execute/],
    ['folder', ['/opt'], /\/opt.* is a folder/],
    ['interpreter', ['/opt/interpreter'], /\/opt\/nowhere.* is missing/],
    ['hangs', ['/bin/sh', '-c', '/bin/sleep 4832; true'], /command was still running after 0\.5 s/],
    ['nothing', ['/bin/true'], /nothing\.pid names no process that matches after 0\.5 s/],
    ['failing', ['/bin/false'], /its start command ended with exit status 1/],
    ['command', 'command = ["/opt/missing"]\n', /\/opt\/missing.* is missing/],
    ['own', 'command = ["/opt/plain"]\n', /\/opt\/plain.* no permission to execute/],
    [
      'nowhere',
      'command = ["/bin/sleep", "4833"]\ndirectory = "/opt/no"\n',
      /\/opt\/no.* is missing/,
    ],
  ];
  const definitions = rows.map(([name, what], i) => {
    const text =
      typeof what === 'string' ? what : background(JSON.stringify(what), 48300 + i, name, '500ms');
    return [name, text + onlyOnce] as const;
  });
  const guarded = await bootGuarded(context, {
    init,
    services: Object.fromEntries(definitions),
    files: {
      '/opt/plain': '#!/bin/sh\nexec /bin/sleep 4834\n',
      '/opt/interpreter': { text: '#!/opt/nowhere\n', mode: 0o755 },
    },
  });
  for (const [name, , why] of rows) {
    await guarded.waitForState(name, 'failed', 15_000);
    assert.match((await guarded.service(name)).reason, why, name);
  }
  assert.deepEqual(guarded.machine.pids(/sleep 483/), []);
  assert.equal(guarded.countLog(/daemon\.emerg .* services have failed/), 1);
});

test('a start command that fails although the daemon runs: a success with a warning', async (context) => {
  const text = 'setsid /bin/sleep 4835 & echo $! >/run/half.pid; /bin/sleep 0.5; exit 3';
  const guarded = await bootGuarded(context, {
    init,
    services: { half: background(shell(text), 4835, 'half') },
  });
  const pid = await guarded.waitForPid('half');
  await guarded.assertOnly(sleepOf(4835), pid);
  await guarded.waitForLog(/daemon\.warn .*"half": .*its start command ended with exit status 3/);
  assert.equal((await guarded.service('half')).failures, 0);
  assert.equal((await guarded.esmctl('status', 'half')).code, 0);
});

test('a start command that forks for ever is ended with all that came of it', async (context) => {
  // Each goes on in a session of its own, where no signal to a group finds it, and does not mind
  // that there is no room for more. A shell would end then.
  const bomb = `#!/usr/bin/perl
use POSIX;
$SIG{CHLD} = 'IGNORE';
while (1) {
  my $pid = fork;
  setsid() if defined $pid && $pid == 0;
  select(undef, undef, undef, 0.05);
}
`;
  const guarded = await bootGuarded(context, {
    init,
    services: {
      bomb: background('["/opt/bomb", "4836"]', 4837, 'bomb', '500ms') + onlyOnce,
      good: 'command = ["/bin/sleep", "4838"]\nprobation = "0s"\n',
    },
    files: { '/opt/bomb': { text: bomb, mode: 0o755 } },
    state: 'mode boot\ndaemon good up',
  });
  const { machine } = guarded;
  const good = await machine.waitFor(async () => {
    await guarded.ask('start', 'good');
    return (await guarded.service('good')).pid;
  }, 'the good one');
  machine.limitProcesses(120);
  guarded.writeState('mode run\ndaemon good up');
  await guarded.signalEsmd('SIGUSR1');
  await machine.waitFor(() => machine.pids('/opt/bomb').length > 50, 'the bomb to go off');
  await guarded.waitForState('bomb', 'failed', 20_000);
  await machine.waitFor(() => machine.pids('/opt/bomb').length === 0, 'the end of all of them');
  machine.kill(good);
  await guarded.waitForPid('good', good);
  assert.equal((await guarded.service('bomb')).state, 'failed');
});

describe('a daemon that', () => {
  const cases = [
    [
      'appears late, by its pid file',
      background(
        shell('(/bin/sleep 1; setsid /bin/sleep 4841 & echo $! >/run/late.pid) &'),
        4841,
        'late',
      ),
    ],
    [
      'appears late, by search',
      `start = ${shell('(/bin/sleep 1; exec setsid /bin/sleep 4841) &')}
match = { exe = "/bin/sleep", args = ["4841"] }
start_timeout = "20s"
`,
    ],
    [
      'forks twice and writes its pid file last',
      background(
        shell(
          "setsid /bin/sh -c '(/bin/sleep 0.2; /bin/sleep 4841 & echo $! >/run/late.pid) & exit' &",
        ),
        4841,
        'late',
      ),
    ],
    [
      'is named before it has executed its program',
      background(
        shell('/bin/sh -c "/bin/sleep 0.3; exec /bin/sleep 4841" & echo $! >/run/late.pid'),
        4841,
        'late',
      ),
    ],
    [
      'forks once more after it was named',
      background(
        shell(
          `/bin/sleep 4841 & first=$!; echo $first >/run/late.pid; (/bin/sleep 0.3; /bin/sleep 4841 & ${untilItRuns}; kill $first; /bin/sleep 0.2; echo $! >/run/late.pid) &`,
        ),
        4841,
        'late',
      ).replace('"0s"', '"2s"'),
    ],
  ] as const;
  for (const [name, late] of cases) {
    test(`${name}: is found, and nothing is counted`, async (context) => {
      const guarded = await bootGuarded(context, { init, services: { late } });
      await guarded.waitForState('late', 'running', 15_000);
      const { pid, failures, restarts, lastExit } = await guarded.service('late');
      assert.deepEqual([failures, restarts], [0, 0]);
      await guarded.assertOnly(sleepOf(4841), pid ?? 0);
      // And it is the one that is guarded.
      guarded.machine.kill(pid ?? 0);
      await guarded.waitForService('late', (now) => now.lastExit?.at !== lastExit?.at, 'its death');
      await guarded.waitForPid('late', pid, 15_000);
    });
  }
});

test('a daemon that replaces itself is adopted, and that is no failure', async (context) => {
  const text = 'setsid /bin/sleep 4842 & echo $! >/run/moving.pid';
  const guarded = await bootGuarded(context, {
    init,
    services: { moving: background(shell(text), 4842, 'moving') },
  });
  let pid = await guarded.waitForPid('moving');
  for (let round = 0; round < 3; round += 1) {
    await guarded.waitForState('moving', 'running');
    // An upgrade in place: the new process says that it is the one, and then the old one ends.
    const upgrade = `setsid /bin/sleep 4842 >/dev/null 2>&1 & echo $! >/run/moving.pid; ${untilItRuns}; kill ${pid}`;
    await guarded.machine.must(['sh', '-c', upgrade]);
    pid = await guarded.waitForPid('moving', pid);
    await guarded.assertOnly(sleepOf(4842), pid);
    assert.equal(pid, Number(guarded.machine.readFile('/run/moving.pid')));
  }
  const { failures, restarts } = await guarded.service('moving');
  assert.deepEqual([failures, restarts], [0, 0]);
  assert.equal(guarded.countLog(/"moving" has replaced itself/), 3);
});
