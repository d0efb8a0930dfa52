/** What a dead daemon leaves behind is killed where it is ours to kill, before the next start. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits, shell, sleepOf, type Guarded } from './lib/guarded.js';
import type { Entry } from './lib/inittab.js';

/** Workers that hold the listening socket of their daemon, by where they put themselves. */
const places = {
  group: '["/bin/sleep", ["4811"], {}]',
  // Its own process group, and reparented to init, in the session that esmd made.
  session: '["/bin/bash", ["-c", "set -m; /bin/sleep 4812 &"], {}]',
  elsewhere: '["/bin/sleep", ["4813"], { detached: true }]',
} as const;

type Place = keyof typeof places;
const numbers: Readonly<Record<Place, string>> = {
  group: '4811',
  session: '4812',
  elsewhere: '4813',
};

/** Ends with 98 where the port is taken; its workers have the socket itself as descriptor 3. */
const server = (workers: readonly Place[]): string => `
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
const server = createServer();
server.on('error', () => process.exit(98));
server.listen(4810, '127.0.0.1', () => {
  for (const [program, args, options] of [${workers.map((place) => places[place]).join(', ')}]) {
    spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'ignore', server._handle] });
  }
});
`;

/** A machine without a place for cgroups, as many containers are. */
const noCgroups: Entry = {
  id: 'nc',
  action: 'sysinit',
  process: '/usr/bin/umount /sys/fs/cgroup',
};

const situations = [
  ['by cgroup, wherever they are', ['group', 'session', 'elsewhere'], []],
  ['by session, where there are no cgroups', ['group', 'session'], [noCgroups]],
] as const;

const workersOf = (guarded: Guarded, workers: readonly Place[]) =>
  workers.flatMap((place) => guarded.machine.pids(sleepOf(numbers[place])));

for (const init of inits) {
  for (const [name, workers, entries] of situations) {
    test(`under ${init}, workers that hold the port are killed ${name}`, async (context) => {
      const guarded = await bootGuarded(context, {
        init,
        services: {
          server: `command = ["${process.execPath}", "/opt/server.mjs"]\nprobation = "0s"\n`,
        },
        files: { '/opt/server.mjs': server(workers) },
        entries,
      });
      const complete = (): boolean => workersOf(guarded, workers).length === workers.length;
      for (let round = 0; round < 3; round += 1) {
        const pid = await guarded.waitForPid('server');
        await guarded.machine.waitFor(complete, 'all workers');
        const old = workersOf(guarded, workers);
        guarded.machine.kill(pid);
        await guarded.waitForPid('server', pid);
        await guarded.machine.waitFor(complete, 'all workers of the replacement');
        assert.deepEqual(
          workersOf(guarded, workers).filter((one) => old.includes(one)),
          [],
        );
      }
      assert.equal(guarded.countLog(/exit status 98/), 0, 'the port was taken');
      assert.equal((await guarded.service('server')).restarts, 3);
      // A stop takes them along as well.
      assert.equal((await guarded.esmctl('stop', 'server')).code, 0);
      await guarded.machine.waitFor(() => workersOf(guarded, workers).length === 0, 'no workers');
    });
  }
}

/** A moment after its birth a process has a cgroup of its own: what it forks before has to follow. */
describe('workers that are forked at once', () => {
  const isPlaced = ({ machine }: Guarded, pid: number): boolean => {
    try {
      return machine.readFile(`/proc/${pid}/cgroup`).includes('/esmd/early');
    } catch {
      return false; // It has ended.
    }
  };
  const workers = 'setsid /bin/sleep 4816 & /bin/sleep 4817 & exec /bin/sleep 4818';
  const rows = [
    ['by a foreground service', `command = ${shell(workers)}`],
    [
      'by a daemon in the background',
      `start = ${shell(`setsid /bin/sh -c '${workers}' & echo $! >/run/early.pid`)}
pidfile = "/run/early.pid"`,
    ],
  ] as const;
  for (const [name, launch] of rows) {
    test(`${name}: they do not outlive it`, async (context) => {
      const early = `${launch}
match = { exe = "/bin/sleep", args = ["4818"] }
probation = "0s"
`;
      const guarded = await bootGuarded(context, { init: 'busybox', services: { early } });
      const { machine } = guarded;
      // Those that have followed: who dies within a few milliseconds leaves what it likes.
      const placed = (): readonly number[] =>
        machine.pids(/^\/bin\/sleep 481[678]$/).filter((one) => isPlaced(guarded, one));
      for (let round = 0; round < 3; round += 1) {
        const pid = await guarded.waitForPid('early');
        await machine.waitFor(() => placed().length === 3, 'all of them');
        const old = placed();
        machine.kill(pid);
        await guarded.waitForPid('early', pid);
        await machine.waitFor(() => placed().length === 3, 'the next ones');
        assert.deepEqual(
          machine.pids(/sleep 481[67]/).filter((one) => old.includes(one)),
          [],
        );
      }
      assert.equal((await guarded.esmctl('stop', 'early')).code, 0);
      await machine.waitFor(() => machine.pids(/sleep 481[678]/).length === 0, 'no workers');
    });
  }
});

describe('kill = "process"', () => {
  test('children outlive the daemon, its restart and its stop', async (context) => {
    const guarded = await bootGuarded(context, {
      init: 'busybox',
      services: {
        cron: `command = ${shell('/bin/sleep 4814 & exec /bin/sleep 4815')}
match = { exe = "/bin/sleep", args = ["4815"] }
kill = "process"
`,
      },
    });
    const { machine } = guarded;
    const first = await guarded.waitForPid('cron');
    const child = await machine.waitForPid(sleepOf(4814));
    machine.kill(first);
    const second = await guarded.waitForPid('cron', first);
    const other = await machine.waitForPid(sleepOf(4814), [child]);
    await guarded.assertOnly(sleepOf(4815), second);
    assert.equal((await guarded.esmctl('stop', 'cron')).code, 0);
    assert.deepEqual(machine.pids(/sleep 4815/), []);
    assert.deepEqual(machine.pids(sleepOf(4814)), [child, other]);
  });
});
