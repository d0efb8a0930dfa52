/** esmd is stopped for longer than its deadlines: nobody is killed, or has failed, because of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { bootGuarded, shell, sleepOf, type Guarded } from './lib/guarded.js';

/** Of every deadline. */
const fullMs = 3_000;
const full = '"3s"';
const until = 'until [ -e /run/go ]; do /bin/sleep 0.05; done';

const background = (
  start: string,
  seconds: number,
  name: string,
): string => `start = ${shell(start)}
pidfile = "/run/${name}.pid"
match = { exe = "/bin/sleep", args = ["${seconds}"] }
start_timeout = ${full}
`;

/** Ends with 7 when it may, and with 9 if it is told to by its stop command. */
const obstinate = `command = ${shell(
  `echo $$ >/run/$ESMD_SERVICE.pid; trap '${until}; exit 7' TERM; trap 'exit 9' USR1; while :; do /bin/sleep 0.05; done`,
)}
kill = "process"
stop_timeout = ${full}
`;

/** All in a state that has a deadline. */
const services = {
  launching: background(
    `${until}; setsid /bin/sleep 4901 & echo $! >/run/launching.pid`,
    4901,
    'launching',
  ),
  appearing: background(
    `(${until}; setsid /bin/sleep 4902 & echo $! >/run/appearing.pid) &`,
    4902,
    'appearing',
  ),
  searched: `start = ${shell(`(${until}; exec setsid /bin/sleep 4903) &`)}
match = { exe = "/bin/sleep", args = ["4903"] }
start_timeout = ${full}
`,
  trusted: `command = ["/bin/sleep", "4904"]\nprobation = ${full}\n`,
  signalled: obstinate,
  asked: `${obstinate}stop = ${shell(`${until}; kill -USR1 $(cat /run/asked.pid)`)}\n`,
  delayed: `command = ["/bin/false"]\n[restart]\nlimit = 1000\ndelay = ${full}\ndelay_max = ${full}\n`,
  failed: `command = ["/bin/false"]\n[restart]\nlimit = 0\nretry_interval = ${full}\n`,
} as const;

const states = {
  launching: 'starting',
  appearing: 'starting',
  searched: 'starting',
  trusted: 'probation',
  signalled: 'stopping',
  asked: 'stopping',
  delayed: 'backoff',
  failed: 'failed',
} as const;

const names = Object.keys(states) as readonly (keyof typeof states)[];

async function statesNow(guarded: Guarded): Promise<Readonly<Record<string, string>>> {
  const { services: all } = await guarded.status();
  return Object.fromEntries(all.map(({ name, state }) => [name, state]));
}

/** When esmd will act by itself. */
async function nextAt(guarded: Guarded, name: string): Promise<number> {
  const { why } = await guarded.service(name);
  return Date.parse(/^Next at (\S+):/m.exec(why.join('\n'))?.[1] ?? 'never');
}

test('deadlines have their full time again when it continues', async (context) => {
  const state = 'mode boot\ndaemon signalled up\ndaemon asked up';
  const guarded = await bootGuarded(context, { services, state });
  const { machine } = guarded;
  for (const name of ['signalled', 'asked'] as const) {
    await guarded.ask('start', name);
    const pid = await guarded.waitForPid(name);
    await machine.waitFor(
      () => machine.processes().some(({ parent, args }) => parent === pid && args[1] === '0.05'),
      'the traps',
    );
  }
  guarded.writeState('mode run');
  await guarded.signalEsmd('SIGUSR1');
  await guarded.ask('stop', 'signalled');
  await guarded.ask('stop', 'asked');
  const expected = JSON.stringify(Object.entries(states).toSorted());
  const areThere = async (): Promise<boolean> =>
    JSON.stringify(Object.entries(await statesNow(guarded)).toSorted()) === expected;
  await machine.waitFor(areThere, 'everything to be under way');
  const esmd = await guarded.esmdPid();
  machine.kill(esmd, 'SIGSTOP');
  const before = guarded.log().length;
  await pause(fullMs + 500);

  const continued = Date.now();
  machine.kill(esmd, 'SIGCONT');
  assert.deepEqual(await statesNow(guarded), { ...states });
  for (const name of names) {
    const at = await nextAt(guarded, name);
    assert.ok(at >= continued + fullMs - 50, `${name}: in ${at - continued} ms`);
  }
  machine.writeFile('/run/go', '');
  for (const name of ['launching', 'appearing', 'searched', 'trusted']) {
    await guarded.waitForState(name, 'running');
    assert.equal((await guarded.service(name)).failures, 0, name);
  }
  for (const [name, code] of [
    ['signalled', 7],
    ['asked', 9],
  ] as const) {
    await guarded.waitForState(name, 'stopped');
    assert.equal((await guarded.service(name)).lastExit?.code, code, name);
  }
  // What waits goes on waiting, and comes to its end: a second failure, the first try.
  await guarded.waitForLog(/"failed" could not be restarted \(try 1\)/);
  await guarded.waitForLog(/"delayed" has failed 3 times in a row/);
  const since = guarded.log().slice(before);
  assert.deepEqual(
    since.filter((line) =>
      /SIGKILL|still running|names no process|no process matches|try 0/.test(line),
    ),
    [],
  );
  assert.equal(await guarded.esmdPid(), esmd);
});

for (const [name, isFirst] of [
  ['before it is started', false],
  ['after it is started', true],
] as const) {
  test(`a planned stop that it slept through, and "started" ${name}: not fought`, async (context) => {
    const services = { sleeper: 'command = ["/bin/sleep", "4911"]\nprobation = "0s"\n' };
    const state = 'mode run\ndaemon sleeper up';
    const guarded = await bootGuarded(context, { services, state });
    const { machine } = guarded;
    await guarded.ask('start', 'sleeper');
    const pid = await guarded.waitForPid('sleeper');
    const esmd = await guarded.esmdPid();
    const startByHand = () =>
      machine.must(['sh', '-c', 'setsid /bin/sleep 4911 >/dev/null 2>&1 &']);
    machine.kill(esmd, 'SIGSTOP');
    for (const word of ['stopping', 'stopped', 'started']) {
      if (word === 'started' && isFirst) await startByHand();
      assert.equal((await guarded.esm(word, 'sleeper')).code, 0);
      if (word === 'stopping') machine.kill(pid);
    }
    machine.kill(esmd, 'SIGCONT');
    if (!isFirst) {
      await guarded.waitForState('sleeper', 'starting');
      await startByHand();
    }
    await guarded.assertOnly(sleepOf(4911), await guarded.waitForPid('sleeper', pid));
    assert.equal((await guarded.service('sleeper')).failures, 0);
    assert.equal(guarded.countLog(/was restarted/), 0);
    assert.equal(await guarded.esmdPid(), esmd);
  });
}
