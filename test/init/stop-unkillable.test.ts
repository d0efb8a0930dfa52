/** A process that cannot be killed: waited for, said once, and never given a second copy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded, shell, sleepOf, type Guarded } from './lib/guarded.js';
import { makeUnkillable } from './lib/unkillable.js';

/** Waits until another SIGKILL was sent, `times` times: each has a new date for the next one. */
async function waitForKills(guarded: Guarded, name: string, times: number): Promise<void> {
  const next = async (): Promise<string | undefined> =>
    (await guarded.service(name)).why.find((line) => line.includes('it is killed'));
  for (let last = await next(), count = 0; count < times; count += 1) {
    const before = last;
    await guarded.machine.waitFor(async () => (last = await next()) !== before, 'one more kill');
  }
}

test('it stays stopping, is said once, and goes on when it can end', async (context) => {
  const service = (seconds: number): string =>
    `command = ["/bin/sleep", "${seconds}"]\nstop_timeout = "100ms"\n`;
  const services = { stopped: service(4821), again: service(4822) };
  const guarded = await bootGuarded(context, { services });
  const { machine } = guarded;
  const [one, other] = [await guarded.waitForPid('stopped'), await guarded.waitForPid('again')];
  const held = [makeUnkillable(machine, one), makeUnkillable(machine, other)];
  await guarded.ask('stop', 'stopped');
  await guarded.ask('restart', 'again');
  for (const name of ['stopped', 'again']) await waitForKills(guarded, name, 5);
  // Whatever else is asked: there is no second copy, and no second message.
  await guarded.ask('restart', 'again');
  await guarded.ask('start', 'again');
  await guarded.esm('reload');
  for (const [name, pid, seconds] of [
    ['stopped', one, 4821],
    ['again', other, 4822],
  ] as const) {
    await waitForKills(guarded, name, 3);
    const { state, reason } = await guarded.service(name);
    assert.deepEqual([state, reason], ['stopping', 'does not end although it was killed']);
    assert.deepEqual(machine.pids(sleepOf(seconds)), [pid]);
    assert.equal(guarded.countLog(new RegExp(`"${name}" .*does not end although`)), 1);
  }
  // An esmd that is new to it does not start one beside it, either.
  await guarded.killEsmd();
  await waitForKills(guarded, 'again', 3);
  assert.deepEqual(machine.pids(sleepOf(4822)), [other]);
  for (const { isHeld, release } of held) {
    assert.ok(isHeld());
    release();
  }
  await guarded.waitForState('stopped', 'stopped');
  await guarded.assertOnly(sleepOf(4822), await guarded.waitForPid('again', other));
});

/** Waits until so much of its wait is over that esmd has to look again. */
function tookTime(guarded: Guarded, name: string): Promise<unknown> {
  const isLong = ({ since }: { since: string }): boolean => Date.now() - Date.parse(since) > 150;
  return guarded.waitForService(name, isLong, 'a wait that takes time');
}

/** Its worker is in its group; killed before a replacement begins. */
const withWorker = (stopTimeout: string): string =>
  `command = ${shell('/bin/sleep 4824 & exec /bin/sleep 4823')}
match = { exe = "/bin/sleep", args = ["4823"] }
stop_timeout = "${stopTimeout}"
`;

test('a worker that cannot be killed delays the replacement, and a stop wins over it', async (context) => {
  const guarded = await bootGuarded(context, { services: { one: withWorker('30s') } });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('one');
  const worker = await machine.waitForPid(sleepOf(4824));
  const held = makeUnkillable(machine, worker);
  machine.kill(pid);
  await guarded.waitForState('one', 'spawning');
  await machine.waitFor(held.isHeld, 'the worker to be killed');
  assert.equal((await guarded.esmctl('stop', 'one')).code, 0);
  held.release();
  await machine.waitFor(() => machine.process(worker) === null, 'the end of the worker');
  // What waited for that end would be started now; a question later it would be seen.
  assert.equal((await guarded.service('one')).state, 'stopped');
  assert.deepEqual(machine.pids(sleepOf(4823)), []);
});

for (const [what, isAsleep] of [
  ['while it is waited for', false],
  ['while esmd is stopped as well', true],
] as const) {
  test(`a daemon that is started by hand ${what} gets no second copy`, async (context) => {
    const guarded = await bootGuarded(context, { services: { one: withWorker('30s') } });
    const { machine } = guarded;
    const pid = await guarded.waitForPid('one');
    const held = makeUnkillable(machine, await machine.waitForPid(sleepOf(4824)));
    machine.kill(pid);
    await guarded.waitForState('one', 'spawning');
    await machine.waitFor(held.isHeld, 'the worker to be killed');
    const esmd = await guarded.esmdPid();
    if (isAsleep) machine.kill(esmd, 'SIGSTOP');
    await machine.must(['sh', '-c', 'setsid /bin/sleep 4823 >/dev/null 2>&1 &']);
    const other = await machine.waitForPid(sleepOf(4823));
    if (!isAsleep) await tookTime(guarded, 'one');
    held.release();
    machine.kill(esmd, 'SIGCONT');
    assert.equal(await guarded.waitForPid('one'), other);
    await guarded.assertOnly(sleepOf(4823), other);
  });
}

test('it does not delay the replacement for ever', async (context) => {
  const guarded = await bootGuarded(context, { services: { one: withWorker('300ms') } });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('one');
  const worker = await machine.waitForPid(sleepOf(4824));
  const held = makeUnkillable(machine, worker);
  machine.kill(pid);
  const next = await guarded.waitForPid('one', pid);
  await guarded.assertOnly(sleepOf(4823), next);
  assert.ok(held.isHeld());
  held.release();
});
