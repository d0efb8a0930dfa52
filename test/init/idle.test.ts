/** Promise 8: idle costs nothing. No thread wakes up, with one service or with a hundred. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { bootGuarded, shell, type Guarded } from './lib/guarded.js';

const windowMs = 2_500;
/** What may happen in a window without being a habit. */
const few = 1;

/** Of all threads of a process, how often they were switched to; proc_pid_status(5). */
function switches({ machine }: Guarded, pid: number): ReadonlyMap<string, number> {
  const folder = `/proc/${pid}/task`;
  return new Map(
    machine.files.list(folder).map((thread) => {
      const status = machine.readFile(`${folder}/${thread}/status`);
      const counts = [...status.matchAll(/ctxt_switches:\s*(\d+)/g)].map(([, count]) =>
        Number(count),
      );
      return [thread, counts.reduce((sum, count) => sum + count, 0)] as const;
    }),
  );
}

/** Whatever ends by itself in the end: a zombie, and a syslogd that takes nothing for a while. */
async function pass(guarded: Guarded): Promise<void> {
  const { machine } = guarded;
  const pid = await guarded.waitForPid('unreaped');
  const syslogd = machine.pids('syslogd -n')[0] ?? 0;
  machine.kill(syslogd, 'SIGSTOP');
  machine.kill(pid);
  await guarded.waitForPid('unreaped', pid);
  assert.equal(machine.process(pid)?.state, 'Z');
  // A line for each service: more than the socket holds.
  await guarded.signalEsmd('SIGUSR2');
  await machine.waitFor(() => machine.console().includes('desired'), 'the console to show lines');
  machine.kill(syslogd, 'SIGCONT');
  await guarded.waitForLog(/syslog is back/, 40_000);
}

/** How often any thread was switched to in a window of time. */
async function switchesInWindow(guarded: Guarded, pid: number): Promise<number> {
  const before = switches(guarded, pid);
  await pause(windowMs);
  let sum = 0;
  for (const [thread, count] of switches(guarded, pid)) sum += count - (before.get(thread) ?? 0);
  return sum;
}

/**
 * How long the main thread waits at most until it wakes up by itself, in milliseconds: the fourth
 * argument of epoll_pwait(2), an int whose -1 means for ever. proc_pid_syscall(5) has the call's
 * number and its arguments. A timer shows here however long its period is.
 */
function nextWakeUp({ machine }: Guarded, pid: number): number {
  const [, , , , timeout] = machine.readFile(`/proc/${pid}/syscall`).split(' ');
  const ms = Number(BigInt.asIntN(32, BigInt(timeout ?? 0)));
  return ms === -1 ? Infinity : ms;
}

/** Node's HTTP server has a timer that cannot be switched off: it is set to 25 days. */
const hourMs = 3_600_000;

const sleepers = (count: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `s${i}`,
      `command = ["/bin/sleep", "${49_000 + i}"]\n`,
    ]),
  );

/** One of every kind that has nothing to wait for. */
const kinds = {
  background: `start = ${shell('setsid /bin/sleep 4892 & echo $! >/run/background.pid')}
pidfile = "/run/background.pid"
match = { exe = "/bin/sleep", args = ["4892"] }
`,
  failed: 'command = ["/bin/false"]\n[restart]\nlimit = 1\ndelay = "1ms"\nretry_interval = "0s"\n',
  waiting: 'command = ["/bin/sleep", "4893"]\nrequires = ["failing"]\n',
  failing: `start = ["/bin/false"]
match = { exe = "/bin/sleep", args = ["4894"] }
[restart]
limit = 0
retry_interval = "0s"
`,
  off: 'command = ["/bin/sleep", "4895"]\n',
  stopped: 'command = ["/bin/sleep", "4896"]\n',
  // Its end is not reaped: its parent does not do that.
  unreaped: `start = ${shell(
    `setsid /bin/sh -c '/bin/sleep 4897 & echo $! >/run/unreaped.pid; exec /bin/sleep 4898' &`,
  )}
pidfile = "/run/unreaped.pid"
match = { exe = "/bin/sleep", args = ["4897"] }
kill = "process"
`,
} as const;

const settled = (status: Awaited<ReturnType<Guarded['status']>>): boolean =>
  status.services.every(({ state }) => ['running', 'failed', 'stopped'].includes(state));

describe('nothing happens, and nothing wakes up', { concurrency: 2 }, () => {
  for (const [name, services] of [
    ['one service', sleepers(1)],
    ['a hundred services, and one of each kind', { ...sleepers(100), ...kinds }],
  ] as const) {
    test(name, { timeout: 120_000 }, async (context) => {
      const state = 'mode run\ndaemon off down';
      const guarded = await bootGuarded(context, { services, state });
      if ('stopped' in services) await guarded.ask('stop', 'stopped');
      const isSettled = async (): Promise<boolean> => settled(await guarded.status());
      await guarded.machine.waitFor(isSettled, 'all services to settle', 30_000);
      if ('unreaped' in services) await pass(guarded);
      await guarded.machine.waitFor(isSettled, 'all services to settle', 30_000);
      const pid = await guarded.esmdPid();
      // Node collects garbage some seconds after the last work, and then never again.
      const sleepsLong = (): boolean => nextWakeUp(guarded, pid) > hourMs;
      await guarded.machine.waitFor(sleepsLong, 'it to have no timer', 60_000);
      const windows: number[] = [];
      const quiet = (): boolean => windows.length > 1 && windows.slice(-2).every((n) => n <= few);
      while (!quiet()) {
        assert.ok(windows.length < 20, `switches in each ${windowMs} ms: ${windows.join(', ')}`);
        windows.push(await switchesInWindow(guarded, pid));
      }
      assert.ok(sleepsLong(), 'a timer is set');
      assert.equal(await guarded.esmdPid(), pid);
    });
  }
});
