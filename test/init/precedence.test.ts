/** When the processors are busy esmd comes before what it starts, which has what it would have had. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded, inits, sleepOf, type Guarded } from './lib/guarded.js';
import { isPrivileged } from './lib/places.js';

/** Without rights on the machine that the test runs on nothing can be taken. */
const nice = isPrivileged ? -10 : 0;

const services = {
  foreground: 'command = ["/bin/sleep", "4871"]\n',
  script:
    'start = ["/bin/sh", "-c", "setsid -f /bin/sleep 4872"]\nmatch = { exe = "/bin/sleep", args = ["4872"] }\n',
};

const count = 120;
const crowd = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [
    `s${i}`,
    `command = ["/bin/sleep", "${48_000 + i}"]\n[restart]\nlimit = 100\ndelay = "0s"\n`,
  ]),
);

/** Fields 19 and 41 of proc_pid_stat(5), whose second one has no space here. */
function schedulingOf({ machine }: Guarded, path: string): string {
  const fields = machine.readFile(`/proc/${path}/stat`).split(' ');
  return `nice ${fields[18]}, policy ${fields[40]}`;
}

const daemons = ({ machine }: Guarded): readonly number[] => machine.pids(/^\/bin\/sleep 48/);

/** What counts between sessions; null: this kernel shares the processors out among processes. */
const groupNiceOf = ({ machine }: Guarded, pid: number): string | null =>
  machine.files.readIfThere('/proc/1/autogroup') === null
    ? null
    : (/nice (-?\d+)/.exec(machine.readFile(`/proc/${pid}/autogroup`))?.[1] ?? 'none');

for (const init of inits) {
  test(`under ${init}, esmd takes precedence, and keeps it to itself`, async (context) => {
    const guarded = await bootGuarded(context, { init, services });
    const esmd = await guarded.esmdPid();
    const daemons = [await guarded.waitForPid('foreground'), await guarded.waitForPid('script')];
    const hasGroups = groupNiceOf(guarded, esmd) !== null;
    assert.equal(schedulingOf(guarded, String(esmd)), `nice ${nice}, policy 0`);
    assert.equal(groupNiceOf(guarded, esmd), hasGroups ? String(nice) : null);
    for (const pid of daemons) {
      assert.equal(schedulingOf(guarded, String(pid)), 'nice 0, policy 0');
      assert.equal(groupNiceOf(guarded, pid), hasGroups ? '0' : null);
    }
    assert.equal(schedulingOf(guarded, '1'), 'nice 0, policy 0');
    const threads = await guarded.machine.must(['ls', `/proc/${esmd}/task`]);
    const others = threads
      .trim()
      .split('\n')
      .map(Number)
      .filter((thread) => thread !== esmd);
    assert.ok(others.length > 1);
    for (const thread of others)
      assert.equal(schedulingOf(guarded, `${esmd}/task/${thread}`), 'nice 0, policy 0');
  });

  test(`under ${init}, a nice value that esmd was given stays, and is its daemons'`, async (context) => {
    const guarded = await bootGuarded(context, {
      init,
      services,
      command: '/usr/bin/nice -n 5 /usr/sbin/esmd',
    });
    const esmd = await guarded.esmdPid();
    const daemons = [await guarded.waitForPid('foreground'), await guarded.waitForPid('script')];
    await guarded.assertOnly(sleepOf(4871), daemons[0] ?? 0);
    for (const pid of [esmd, ...daemons]) {
      assert.equal(schedulingOf(guarded, String(pid)), 'nice 5, policy 0');
      assert.notEqual(groupNiceOf(guarded, pid), '-10');
    }
  });

  test(`under ${init}, what is restarted by the hundred is scheduled as usual`, async (context) => {
    const guarded = await bootGuarded(context, { init, services: crowd });
    const { machine } = guarded;
    const esmd = await guarded.esmdPid();
    await machine.waitFor(() => daemons(guarded).length === count, 'all');
    const before = new Set(daemons(guarded));
    await machine.must(['kill', '-KILL', ...[...before].map(String)]);
    const fresh = (): readonly number[] => daemons(guarded).filter((pid) => !before.has(pid));
    await machine.waitFor(() => fresh().length === count, 'all of them again');
    for (const pid of fresh()) assert.equal(schedulingOf(guarded, String(pid)), 'nice 0, policy 0');
    const isCalm = (): boolean => schedulingOf(guarded, String(esmd)) === `nice ${nice}, policy 0`;
    await machine.waitFor(isCalm, 'esmd to calm down');
  });
}
