/** What the kernel may do to a supervisor: no more processes, numbers used again, a full disk. */

import { setTimeout as pause } from 'node:timers/promises';
import { forAll, type Fault } from './fault.js';
import { backAfter, span, type Subject } from './subject.js';

const shortageMs = 3_000;

export const forkFails: Fault = {
  name: 'fork fails',
  how: `Its cgroup has no process left for ${shortageMs / 1_000} s (pids.max), and the daemon is killed meanwhile.`,
  setting: 'recommended',
  kind: null,
  notFor: forAll,
  observe: async (subject, { restartMs }) => {
    const { machine } = subject;
    machine.limitProcesses(1);
    const before = subject.killDaemon();
    await pause(shortageMs);
    const supervisors = subject.supervisors().length;
    subject.note(`${supervisors} processes of the supervisor; the limit is lifted`);
    machine.limitProcesses(null);
    const lifted = { ...before, at: process.hrtime.bigint() };
    const ms = await subject.replacement(lifted, restartMs);
    const text =
      ms === null ? backAfter(ms, restartMs) : `back ${span(ms)} after the limit is lifted`;
    return supervisors === 0 ? `the supervisor ended; ${text}` : text;
  },
};

const stranger = ['/bin/sleep', '9977'];

/** A daemon whose parent is init has a number that may be given to others before anybody looks. */
export const recycledPid: Fault = {
  name: 'recycled pid',
  how: 'While it is stopped its daemon, known by a pid file, dies, and a stranger gets the number; later the service is stopped.',
  setting: 'fastest',
  kind: 'pidfile',
  notFor: ({ kinds, name }) =>
    !kinds.includes('pidfile')
      ? 'not applicable: only children, whose numbers stay taken until it has looked'
      : name === 'finit'
        ? 'not applicable: as PID 1 it frees every number itself'
        : null,
  observe: async (subject, { restartMs, stopMs, quietMs }) => {
    const { machine } = subject;
    await pause(2_500); // Until every one of them has seen its daemon.
    subject.signalSupervisors('SIGSTOP');
    const before = subject.killDaemon();
    await machine.waitFor(() => machine.process(before.pid) === null, 'a free number');
    await machine.startAs(before.pid, stranger);
    subject.note(`${before.pid} is a stranger: ${stranger.join(' ')}`);
    subject.signalSupervisors('SIGCONT');
    const ms = await subject.replacement({ ...before, at: process.hrtime.bigint() }, restartMs);
    await subject.stop(stopMs);
    await pause(quietMs);
    const lives = machine.pids(stranger.join(' ')).includes(before.pid);
    const end = lives ? 'stranger untouched' : 'stranger killed';
    subject.note(end);
    return `daemon ${backAfter(ms, restartMs)}; ${end}`;
  },
};

/** tmpfs takes a size that is what it already holds. */
const fillDisk = `cat /dev/zero >/run/full 2>/dev/null
mount -o remount,size=$(df -k / | awk 'END { print $3 }')k /
for folder in /run /etc /var/log; do
  if echo text >$folder/probe 2>/dev/null; then echo "$folder takes more"; fi
done; df -k / /run`;

export const fullDisk: Fault = {
  name: 'disk full',
  how: 'Every file system that holds its state is full; its daemon is killed three times, then it itself, then the daemon.',
  setting: 'fastest',
  kind: null,
  notFor: forAll,
  observe: async (subject, patience) => {
    const filled = await subject.machine.must(['sh', '-c', fillDisk]);
    subject.note(filled);
    if (filled.includes('takes more')) throw new Error('The disk is not full');
    let restarts = 0;
    const kills = 3;
    for (let done = 0; done < kills; done += 1) {
      await pause(1_200);
      if ((await subject.replacement(subject.killDaemon(), patience.restartMs)) === null) break;
      restarts += 1;
    }
    return `${restarts} of ${kills} restarts; ${await surviveSupervisor(subject, patience.restartMs)}`;
  },
};

/** Kills the supervisor, waits for the next one, and looks how many copies of the daemon there are. */
export async function surviveSupervisor(subject: Subject, restartMs: number): Promise<string> {
  if (subject.supervisors().includes(1))
    return 'not applicable: it is PID 1, which nobody can kill';
  const [before, old] = [subject.birth, subject.signalSupervisors('SIGKILL')];
  const isNew = (): boolean => subject.supervisors().some((pid) => !old.includes(pid));
  const isRespawned = await subject.wait(isNew, restartMs / 2);
  await subject.wait(() => subject.copies().length !== 1, settleMs);
  const copies = subject.copies();
  subject.note(`supervisors ${subject.supervisors().join(', ')}; copies ${copies.join(', ')}`);
  if (!isRespawned) return `no supervisor any more; ${copies.length} unwatched`;
  if (copies.length > 1) return `doubled: ${copies.length} copies`;
  if (copies.length === 0) return 'lost: no copy';
  if (!copies.includes(before.pid)) return 'killed and started anew';
  const ms = await subject.replacement(subject.killDaemon(), restartMs);
  return ms === null
    ? 'lost: it goes on, and is not watched'
    : `adopted; when killed, ${backAfter(ms, restartMs)}`;
}

/** By then a supervisor that starts copies has started one. */
const settleMs = 8_000;
