/** Whatever is in the place of the state file: a running esmd keeps the last good state. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, stateFile, sleepOf, type Guarded } from './lib/guarded.js';

const sleeper = 'command = ["/bin/sleep", "4871"]\nprobation = "0s"\n[restart]\nlimit = 1000\n';
const other = 'command = ["/bin/sleep", "4872"]\n';
/** Which tells "the last good state" from "all" and from "nothing". */
const good = 'mode run\ndaemon other down';

const path = '/run/esm.state';
/** It is there as a whole, or not at all: what is halfway there means something else. */
const inShell = (command: string) => (guarded: Guarded) =>
  guarded.machine.must([
    'sh',
    '-c',
    `${command.replaceAll('FILE', '/run/made')}; rm -rf ${path}; mv /run/made ${path} || :`,
  ]);
const withText = (text: string) => (guarded: Guarded) => {
  guarded.machine.files.replace(path, text);
};

/** What is put there, and what is said about it. */
const bad: readonly (readonly [string, (guarded: Guarded) => unknown, RegExp])[] = [
  ['nothing', inShell(':'), /esm\.state: .*it is missing/],
  ['an empty file', withText(''), /is empty/],
  ['binary', withText('version 1\n\0\u0001\u007f\nend\n'), /is not text/],
  [
    'truncated',
    withText('version 1\nmode shutdown\ndaemon sleeper dow'),
    /a part of it is missing/,
  ],
  ['without its end', withText('version 1\nmode shutdown\n'), /a part of it is missing/],
  ['another version', withText('version 2\nmode shutdown\nend\n'), /"version 1"/],
  ['without a mode', withText('version 1\ndaemon sleeper down\nend\n'), /has no "mode"/],
  [
    '10 MB',
    inShell('head -c 10000000 /dev/zero | tr "\\0" "\\n" >FILE'),
    /is longer than 65536 bytes/,
  ],
  ['a FIFO', inShell('mkfifo FILE'), /is a FIFO/],
  ['a folder', inShell('mkdir FILE'), /is a directory/],
  ['a link', inShell('echo >/run/x; ln -s /run/x FILE'), /is a symbolic link/],
  [
    "not root's",
    inShell(
      `printf '${stateFile('mode shutdown').replaceAll('\n', '\\n')}' >FILE; chown 65534 FILE`,
    ),
    /has to belong to root/,
  ],
  ['writable by others', inShell('echo >FILE; chmod 666 FILE'), /may write to it|only root may/],
];

/** A problem as status shows it, which is of the state file. */
const problemOf = async (guarded: Guarded): Promise<string> =>
  (await guarded.status()).esmd.configProblems.find((text) => text.includes(path)) ?? 'nothing';

async function putGood(guarded: Guarded): Promise<void> {
  await guarded.machine.must(['rm', '-rf', path]);
  guarded.writeState(good);
  const isGood = async (): Promise<boolean> => (await problemOf(guarded)) === 'nothing';
  await guarded.machine.waitFor(isGood, 'the good state file to be read');
}

test('a running esmd says what is wrong, once, and keeps the last good state', async (context) => {
  const services = { sleeper, other };
  const guarded = await bootGuarded(context, { services, state: good });
  for (const [name, put, why] of bad) {
    const before = guarded.countLog(why);
    await put(guarded);
    await guarded.signalEsmd('SIGUSR1');
    const told = async (): Promise<boolean> => why.test(await problemOf(guarded));
    await guarded.machine.waitFor(told, `${name} to be noticed`);
    // A death is answered as before, and nothing is said about the file again.
    const pid = await guarded.waitForPid('sleeper');
    guarded.machine.kill(pid);
    await guarded.assertOnly(sleepOf(4871), await guarded.waitForPid('sleeper', pid));
    await guarded.signalEsmd('SIGUSR1');
    await guarded.signalEsmd('SIGHUP');
    assert.equal((await guarded.service('other')).desired, 'unmonitored');
    assert.equal((await guarded.status()).esmd.mode, 'run');
    await guarded.machine.waitFor(() => guarded.countLog(why) > before, `${name} in syslog`);
    assert.equal(guarded.countLog(why), before + 1, name);
    await putGood(guarded);
  }
});

describe('an esmd that starts without a good one', () => {
  for (const [name, put, why] of [bad[0], bad[3], bad[8]].filter((row) => row !== undefined)) {
    test(`${name}: monitors nothing, says so once, and goes on with the next good one`, async (context) => {
      const guarded = await bootGuarded(context, {
        services: { sleeper, other },
        state: good,
      });
      const pid = await guarded.waitForPid('sleeper');
      await put(guarded);
      const esmd = await guarded.killEsmd();
      await guarded.waitForService(
        'sleeper',
        ({ desired, state }) => desired === 'unmonitored' && state === 'running',
        'hands off',
      );
      const said = () => guarded.countLog(new RegExp(`esmd\\[${esmd}\\]: .*${why.source}`));
      assert.equal((await guarded.service('sleeper')).pid, pid);
      await guarded.signalEsmd('SIGUSR1');
      guarded.machine.kill(pid);
      await guarded.waitForState('sleeper', 'stopped');
      assert.equal(await guarded.ask('start', 'sleeper'), 409);
      assert.deepEqual(guarded.machine.pids(/sleep 487/), []);
      assert.match((await guarded.esmctl('why', 'sleeper')).stdout, /no readable state file/);
      await guarded.machine.waitFor(said, 'a word about it');
      assert.equal(said(), 1, guarded.log().join('\n'));
      await putGood(guarded);
      await guarded.waitForPid('sleeper');
      assert.equal((await guarded.service('other')).desired, 'unmonitored');
    });
  }
});

test('words and daemons that are not known: a warning each, and the rest holds', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper, other }, state: good });
  const pid = await guarded.waitForPid('sleeper');
  guarded.writeState(
    [
      'mode run',
      'daemon other down',
      'daemon nobody up',
      'daemon sleeper sideways',
      'deamon sleeper down',
      'mode holiday',
      'daemon ../../etc/passwd down',
    ].join('\n'),
  );
  await guarded.signalEsmd('SIGUSR1');
  for (const [why, remedy] of [
    [/daemon\.warn .*"daemon nobody" in the state file: no such service/, /./],
    [/daemon\.warn .*"daemon sleeper sideways", a daemon has to be up, stopping or down/, /./],
    [/daemon\.warn .*"deamon sleeper down"/, /did you mean "daemon"/],
    [/daemon\.warn .*"mode holiday", a mode has to be boot, run or shutdown/, /./],
    [/daemon\.warn .*"daemon \.\.\/\.\.\/etc\/passwd down"/, /./],
  ] as const) {
    assert.match(await guarded.waitForLog(why), remedy);
    assert.equal(guarded.countLog(why), 1);
  }
  assert.deepEqual(
    (await guarded.status()).services.map(({ name, desired }) => [name, desired]),
    [
      ['other', 'unmonitored'],
      ['sleeper', 'up'],
    ],
  );
  guarded.machine.kill(pid);
  await guarded.waitForPid('sleeper', pid);
});

test('a file that says so ten thousand times is read, and does not fill the log', async (context) => {
  const guarded = await bootGuarded(context, { services: { sleeper } });
  await guarded.waitForPid('sleeper');
  guarded.writeState(`mode run\n${'nonsense\n'.repeat(7000)}daemon sleeper down`);
  await guarded.signalEsmd('SIGUSR1');
  await guarded.waitForService('sleeper', ({ desired }) => desired === 'unmonitored', 'hands off');
  await guarded.waitForLog(/\d+ more are like those before/);
  assert.ok(guarded.countLog(/nonsense/) <= 20);
});

test('"stopping" for too long is said: the init script may have died', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { sleeper: `stop_timeout = "10ms"\n${sleeper}` },
  });
  const pid = await guarded.waitForPid('sleeper');
  await guarded.waitForState('sleeper', 'running');
  assert.equal((await guarded.esm('stopping', 'sleeper')).code, 0);
  await guarded.waitForService('sleeper', ({ desired }) => desired === 'unmonitored', 'hands off');
  const tableSays = (word: string) => (): boolean =>
    guarded.machine.files.readIfThere('/run/esmd/table.json')?.includes(word) === true;
  await guarded.machine.waitFor(tableSays('"announcedStop":{'), 'the table');
  // A minute is a long time for a test, and the date is known: an esmd that is younger has to come to it.
  const esmd = await guarded.esmdPid();
  guarded.machine.kill(esmd, 'SIGSTOP');
  const table = guarded.machine.readFile('/run/esmd/table.json');
  const at = Number(/"overdueAt":([\d.]+)/.exec(table)?.[1]);
  guarded.machine.files.replace(
    '/run/esmd/table.json',
    table.replace(/"overdueAt":[\d.]+/, `"overdueAt":${at - 59_000}`),
    0o600,
  );
  guarded.machine.kill(esmd);
  await guarded.esmdPid(esmd);
  await guarded.waitUntilReachable();
  await guarded.waitForLog(/daemon\.warn .*has said "daemon sleeper stopping" for more than/);
  assert.equal((await guarded.service('sleeper')).warnings.length, 1);
  await guarded.esm('started', 'sleeper');
  await guarded.waitForService('sleeper', ({ desired }) => desired === 'up', 'monitoring');
  const { warnings, pid: now } = await guarded.service('sleeper');
  assert.deepEqual([warnings, now], [[], pid]);
  assert.equal(guarded.countLog(/daemon sleeper stopping" for more than/), 1);
});
