/** Where hundreds die at once esmd comes before what it starts, which has what it would have had. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded, inits, type Guarded } from './lib/guarded.js';

const count = 120;
const services = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [
    `s${i}`,
    `command = ["/bin/sleep", "${48_000 + i}"]\n[restart]\nlimit = 100\ndelay = "0s"\n`,
  ]),
);

/** Fields 19 and 41 of proc_pid_stat(5), whose second one has no space here. */
function schedulingOf({ machine }: Guarded, pid: number): string {
  const fields = machine.readFile(`/proc/${pid}/stat`).split(' ');
  return `nice ${fields[18]}, policy ${fields[40]}`;
}

const daemons = ({ machine }: Guarded): readonly number[] => machine.pids(/^\/bin\/sleep 48/);

for (const init of inits) {
  for (const [command, expected] of [
    ['/usr/sbin/esmd', 'nice 0, policy 0'],
    ['/usr/bin/nice -n 5 /usr/sbin/esmd', 'nice 5, policy 0'],
  ] as const) {
    test(`under ${init}, what ${command} restarts by the hundred is scheduled as usual`, async (context) => {
      const guarded = await bootGuarded(context, { init, services, command });
      const { machine } = guarded;
      const esmd = await guarded.esmdPid();
      await machine.waitFor(() => daemons(guarded).length === count, 'all');
      const before = new Set(daemons(guarded));
      await machine.must(['kill', '-KILL', ...[...before].map(String)]);
      const fresh = (): readonly number[] => daemons(guarded).filter((pid) => !before.has(pid));
      await machine.waitFor(() => fresh().length === count, 'all of them again');
      for (const pid of fresh()) assert.equal(schedulingOf(guarded, pid), expected);
      await machine.waitFor(() => schedulingOf(guarded, esmd) === expected, 'esmd to calm down');
    });
  }
}
