/**
 * Children of a daemon that are the same program in sessions of their own, as those of sshd and cron
 * are: they outlive it, and are not taken for it.
 */

import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { bootGuarded, shell, sleepOf, type Guarded } from './lib/guarded.js';

const pidFile = '/run/parent.pid';
const start = `setsid /bin/sleep 4901 >/dev/null 2>&1 & echo $! >${pidFile}`;
const service = `start = ${shell(start)}
pidfile = "${pidFile}"
match = { exe = "/bin/sleep", args = ["4901"], user = "root" }
kill = "process"
probation = "2s"
`;

type Family = Readonly<{ guarded: Guarded; pid: number; children: readonly number[] }>;

/** A daemon that runs and is trusted, and its children; once forked they have nothing to do with it. */
async function bootFamily(context: TestContext, count: number): Promise<Family> {
  const guarded = await bootGuarded(context, { init: 'busybox', services: { parent: service } });
  const { machine } = guarded;
  await guarded.waitForState('parent', 'running', 15_000);
  const pid = await guarded.waitForPid('parent');
  const fork = 'setsid /bin/sleep 4901 >/dev/null 2>&1 &';
  await machine.must(['sh', '-c', fork.repeat(count)]);
  const all = (): readonly number[] => machine.pids(sleepOf(4901));
  await machine.waitFor(() => all().length === 1 + count, 'the children');
  return { guarded, pid, children: all().filter((one) => one !== pid) };
}

/** Waits for another daemon than the last; it and the children are all there is. */
async function assertReplaced({ guarded, pid, children }: Family): Promise<Family> {
  const next = await guarded.waitForPid('parent', pid, 20_000);
  assert.ok(!children.includes(next), `a child, ${next}, was adopted`);
  assert.equal(Number(guarded.machine.readFile(pidFile)), next);
  await guarded.machine.waitFor(
    () => guarded.machine.pids(sleepOf(4901)).includes(next),
    'its program',
  );
  assert.deepEqual(
    guarded.machine.pids(sleepOf(4901)).filter((one) => one !== next),
    children,
  );
  assert.equal(guarded.countLog(/neither adopted nor started/), 0);
  return { guarded, pid: next, children };
}

/** The daemon dies, and nobody sees it; then `meanwhile`, and esmd dies. */
async function killBoth({ guarded, pid }: Family, meanwhile: string): Promise<void> {
  const { machine } = guarded;
  const inTable = (): boolean =>
    machine.files.readIfThere('/run/esmd/table.json')?.includes('"state":"running"') === true;
  await machine.waitFor(inTable, 'the table');
  const esmd = await guarded.esmdPid();
  machine.kill(esmd, 'SIGSTOP');
  machine.kill(pid);
  await machine.must(['sh', '-c', meanwhile]);
  machine.kill(esmd);
  await guarded.esmdPid(esmd);
}

for (const count of [1, 2]) {
  describe(`with ${count === 1 ? 'one child' : 'two children'}, a daemon is started anew`, () => {
    for (const [which, command] of [
      ['left', 'true'],
      ['removed', `rm ${pidFile}`],
    ] as const) {
      test(`after a stop, its pid file ${which}`, async (context) => {
        const family = await bootFamily(context, count);
        assert.equal((await family.guarded.esmctl('stop', 'parent')).code, 0);
        await family.guarded.machine.must(['sh', '-c', command]);
        assert.equal((await family.guarded.esmctl('start', 'parent')).code, 0);
        await assertReplaced(family);
      });
    }

    test('after a death, and one on probation', async (context) => {
      let family = await bootFamily(context, count);
      for (let death = 0; death < 2; death += 1) {
        family.guarded.machine.kill(family.pid);
        family = await assertReplaced(family);
      }
      assert.equal((await family.guarded.service('parent')).restarts, 2);
    });

    test('after its death and that of esmd', async (context) => {
      const family = await bootFamily(context, count);
      await killBoth(family, 'true');
      await assertReplaced(family);
    });

    test('by hand, while esmd cannot look: it is adopted', async (context) => {
      const family = await bootFamily(context, count);
      await killBoth(family, start);
      const byHand = Number(family.guarded.machine.readFile(pidFile));
      assert.equal((await assertReplaced(family)).pid, byHand);
    });
  });
}

test('a daemon that was stopped, and is started by hand without a pid file, is adopted', async (context) => {
  const { guarded, children } = await bootFamily(context, 1);
  const { machine } = guarded;
  assert.equal((await guarded.esmctl('stop', 'parent')).code, 0);
  await machine.must(['sh', '-c', 'setsid /bin/sleep 4901 >/dev/null 2>&1 &']);
  const all = (): readonly number[] => machine.pids(sleepOf(4901));
  await machine.waitFor(() => all().length === 2, 'the one started by hand');
  const [byHand] = all().filter((one) => !children.includes(one));
  assert.equal((await guarded.esmctl('start', 'parent')).code, 0);
  assert.equal(await guarded.waitForPid('parent'), byHand);
  assert.equal(all().length, 2);
});
