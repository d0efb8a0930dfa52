/** What may happen to the supervisor itself. */

import { setTimeout as pause } from 'node:timers/promises';
import { clockFiles, setClock, withClock } from '../../test/init/lib/clock.js';
import { syslogd } from '../../test/init/lib/light.js';
import { forAll, type Fault } from './fault.js';
import { surviveSupervisor } from './kernel.js';
import { backAfter, span, type Subject } from './subject.js';

export const killed: Fault = {
  name: 'supervisor killed',
  how: 'kill -9 of all its processes at once; init starts again what is a line of its inittab, which supervise-daemon is not; then the daemon is killed.',
  setting: 'recommended',
  kind: null,
  notFor: forAll,
  observe: async (subject, { restartMs }) => {
    await pause(1_500);
    return surviveSupervisor(subject, restartMs);
  },
};

const suspendedMs = 2_000;

export const suspended: Fault = {
  name: 'supervisor stopped and continued',
  how: `SIGSTOP of all its processes for ${suspendedMs / 1_000} s, and the daemon is killed meanwhile.`,
  setting: 'recommended',
  kind: null,
  notFor: forAll,
  observe: async (subject, { restartMs, quietMs }) => {
    await pause(1_500);
    subject.signalSupervisors('SIGSTOP');
    const before = subject.killDaemon();
    await pause(suspendedMs);
    // Before it is sent: the first of them may have answered before the last one has it.
    const continued = { ...before, at: process.hrtime.bigint() };
    subject.signalSupervisors('SIGCONT');
    const ms = await subject.replacement(continued, restartMs);
    await pause(quietMs);
    const births = subject.birth.count - before.count;
    const copies = subject.copies().length;
    subject.note(`${births} births, ${copies} copies`);
    return births > 1 || copies > 1
      ? `${births} starts, ${copies} copies`
      : `${backAfter(ms, restartMs)}${ms === null ? '' : ', once'}`;
  },
};

const steps = ['+1h', '-1h', '+0'] as const;

export const clockSteps: Fault = {
  name: 'clock stepped by an hour',
  how: 'libfaketime sets its clock on, back and right; after each step the daemon is killed.',
  setting: 'recommended',
  kind: null,
  notFor: ({ name }) =>
    name === 'finit' ? 'not applicable: PID 1 is not started by a line of inittab' : null,
  files: clockFiles(),
  entry: (entry) => ({ ...entry, process: withClock(entry.process) }),
  premise: (subject) => {
    const { files } = subject.machine;
    const lied = subject
      .supervisors()
      .filter((pid) => files.read(`/proc/${pid}/maps`).includes('libfaketime'));
    const all = subject.supervisors().length;
    subject.note(`${lied.length} of ${all} processes of the supervisor have that clock`);
    return Promise.resolve(
      lied.length === all
        ? null
        : `not applicable: ${all - lied.length} of ${all} processes do not take it`,
    );
  },
  observe: async (subject, { restartMs }) => {
    const texts: string[] = [];
    for (const step of steps) {
      await pause(1_500);
      setClock(subject.machine, step);
      subject.note(`the clock is set to ${step}`);
      const ms = await subject.replacement(subject.killDaemon(), restartMs);
      texts.push(`${step}: ${ms === null ? `not within ${span(restartMs)}` : span(ms)}`);
      if (ms === null) break;
    }
    return texts.join(', ');
  },
};

/** More than a socket holds: net.unix.max_dgram_qlen is 10 by default. */
const messages = 20;
const silentKills = 10;

const oneMore = 'timeout 0.5 logger text';
const fillSyslog = `i=0; while [ $i -lt ${messages} ]; do timeout 0.2 logger text; i=$((i + 1)); done`;

export const syslogStopped: Fault = {
  name: 'syslogd stopped',
  how: `syslogd is stopped and its socket full; then the daemon is killed ${silentKills} times, 1.2 s apart.`,
  setting: 'fastest',
  kind: null,
  notFor: forAll,
  // Where finit is PID 1 it starts what is a line of inittab elsewhere.
  files: { '/etc/finit.d/syslogd.conf': `service name:syslogd [2345] ${syslogd} -- syslogd\n` },
  observe: async (subject, { restartMs }) => {
    const { machine } = subject;
    await machine.waitFor(() => machine.pids(syslogd).length > 0, 'syslogd');
    const [pid = 0] = machine.pids(syslogd);
    machine.kill(pid, 'SIGSTOP');
    await machine.run(['sh', '-c', fillSyslog]);
    if ((await machine.run(['sh', '-c', oneMore])).code === 0)
      throw new Error('The socket of syslogd takes more');
    return killSome(subject, silentKills, 1_200, restartMs);
  },
};

async function killSome(
  subject: Subject,
  kills: number,
  upMs: number,
  restartMs: number,
): Promise<string> {
  let most = 0;
  for (let done = 0; done < kills; done += 1) {
    await pause(upMs);
    const ms = await subject.replacement(subject.killDaemon(), restartMs);
    if (ms === null) return `${done} of ${kills} restarts, then not within ${span(restartMs)}`;
    most = Math.max(most, ms);
  }
  return `${kills} of ${kills} restarts, the longest ${span(most)}`;
}
