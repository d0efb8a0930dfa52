/**
 * Workers that nothing but their marker tells of: their daemon and esmd were killed together before
 * the kernel had moved them into their cgroup, and mostly before the table was written.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits, shell, sleepOf, type Guarded } from './lib/guarded.js';

/**
 * A daemon and two workers, of which one has a session of its own where it is to be killed: one that
 * has to outlive its daemon could be that, for all that its marker tells. Each that is to be killed
 * holds the lock that a replacement has to get, and which it ends with 98 without.
 */
const family = (name: string, kill: 'group' | 'process', [main, ...workers]: Numbers): string => {
  const isKilled = kill === 'group';
  const forks = workers.map(
    (number, i) => `${isKilled && i > 0 ? 'setsid ' : ''}/bin/sleep ${number} &`,
  );
  const lock = isKilled ? `exec 9>/run/${name}.lock; flock -n 9 || exit 98; ` : '';
  return `command = ${shell(`${lock}${forks.join(' ')} exec /bin/sleep ${main}`)}
match = { exe = "/bin/sleep", args = ["${main}"] }
kill = "${kill}"
probation = "0s"
`;
};

type Numbers = readonly [daemon: number, worker: number, other: number];
const lost: Numbers = [4821, 4822, 4823];
const alive: Numbers = [4824, 4825, 4826];
const kept: Numbers = [4827, 4828, 4829];
const parted: Numbers = [4830, 4831, 4832];

const pidsOf = ({ machine }: Guarded, numbers: readonly number[]): readonly number[] =>
  numbers.flatMap((number) => machine.pids(sleepOf(number)));

/** Out of the cgroups of their services, as a process is in the first milliseconds of its life. */
async function moveOut({ machine }: Guarded, esmd: number, pids: readonly number[]): Promise<void> {
  const folder = `/sys/fs/cgroup$(sed -n s/^0:://p /proc/${esmd}/cgroup)`;
  const move = `for pid in ${pids.join(' ')}; do echo $pid >${folder}/cgroup.procs; done`;
  await machine.must(['sh', '-ec', move]);
}

const cases = inits.flatMap((init) =>
  (['lost', 'kept'] as const).map((table) => ({ init, table })),
);

for (const { init, table } of cases) {
  describe(`of a daemon that dies with esmd under ${init}, the table ${table},`, () => {
    test('workers are killed before it is started again, and no others', async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: {
          lost: family('lost', 'group', lost),
          alive: family('alive', 'group', alive),
          kept: family('kept', 'process', kept),
          parted: family('parted', 'group', parted),
        },
      });
      const { machine } = guarded;
      const all = [...lost, ...alive, ...kept, ...parted];
      await machine.waitFor(() => pidsOf(guarded, all).length === all.length, 'all of them');
      const daemon = await guarded.waitForPid('lost');
      const survivors = new Map<string, number>();
      for (const name of ['alive', 'parted']) survivors.set(name, await guarded.waitForPid(name));
      const [, ...workers] = pidsOf(guarded, lost);
      const others = pidsOf(guarded, [...alive, ...kept.slice(1), ...parted]);
      const esmd = await guarded.esmdPid();
      machine.kill(esmd, 'SIGSTOP');
      // Of one the daemon had been moved, and what it had forked by then had not.
      const moved = pidsOf(guarded, [...lost, ...alive, ...kept, ...parted.slice(1)]);
      await moveOut(guarded, esmd, moved);
      if (table === 'lost') machine.files.remove('/run/esmd/table.json');
      machine.kill(daemon);
      machine.kill(await guarded.machine.waitForPid(sleepOf(kept[0])));
      machine.kill(esmd);
      await guarded.esmdPid(esmd);
      await guarded.waitForPid('lost', null, 20_000);
      await guarded.waitForPid('kept', null, 20_000);
      assert.equal(pidsOf(guarded, [kept[0]]).length, 1, 'a worker was adopted');
      assert.deepEqual(
        pidsOf(guarded, lost).filter((pid) => workers.includes(pid) || pid === daemon),
        [],
      );
      assert.equal(guarded.countLog(/exit status 98/), 0, 'the lock was taken');
      const now = pidsOf(guarded, [...alive, ...kept.slice(1), ...parted]);
      assert.deepEqual(
        others.filter((pid) => !now.includes(pid)),
        [],
      );
      // They have been put into their cgroups with their workers, which do not outlive them.
      for (const [name, survivor] of survivors) {
        assert.equal(await guarded.waitForPid(name), survivor);
        machine.kill(survivor);
        await guarded.waitForPid(name, survivor);
      }
      assert.equal(guarded.countLog(/exit status 98/), 0, 'the lock was taken');
    });
  });
}
