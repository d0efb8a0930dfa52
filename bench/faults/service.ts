/** What a service may do: crash, ignore its end, leave others behind. */

import { setTimeout as pause } from 'node:timers/promises';
import { shellScript } from '../peers/peer.js';
import { takeTurns } from '../peers/turns.js';
import { forAll, type Fault } from './fault.js';
import { backAfter, span, type Subject } from './subject.js';

const wrapper = '/usr/local/sbin/wrapped';
const wrapped = (command: readonly string[]): readonly string[] => [wrapper, ...command];

const crashMark = '/run/crash';

const crashMs = 1_300;

/** monit's cycle is the longest, 30 s. */
const quietsOfCycle = 9;

/** Has it die at once whenever it is started, for so long. */
async function crash(subject: Subject): Promise<void> {
  await pause(1_500);
  subject.machine.writeFile(crashMark, '');
  subject.killDaemon();
  await pause(crashMs);
}

export const pendingRestart: Fault = {
  name: 'stop during a pending restart',
  how: 'The daemon dies at once whenever it is started; in the pause before the next start an operator stops it, and it could run again.',
  setting: 'recommended',
  kind: null,
  notFor: forAll,
  command: ({ command }) => wrapped(command),
  files: {
    [wrapper]: shellScript(`[ ! -e ${crashMark} ] || exit 1`, 'exec "$@"'),
  },
  // Who starts it again and again without a pause has given up by then.
  premise: async (subject, { restartMs }) => {
    const before = subject.supervisors();
    await crash(subject);
    subject.machine.files.remove(crashMark);
    const ms = await subject.replacement(subject.birth, restartMs);
    const isSame = subject.supervisors().some((pid) => before.includes(pid));
    if (!isSame) {
      const next =
        subject.supervisors().length > 0 ? 'init has started it again' : 'nothing is left';
      return `not applicable: it gives up and ends; ${next}`;
    }
    return ms === null ? `not applicable: given up within ${span(crashMs)}, nothing pends` : null;
  },
  observe: async (subject, { stopMs, quietMs }) => {
    const { machine } = subject;
    await crash(subject);
    await subject.stop(stopMs);
    const { count } = subject.birth;
    machine.files.remove(crashMark);
    await pause(quietMs * quietsOfCycle);
    const births = subject.birth.count - count;
    subject.note(`${births} births since`);
    return births === 0 && subject.copies().length === 0
      ? 'stays down'
      : `started again, ${births} times`;
  },
};

export const ignoresTerm: Fault = {
  name: 'daemon that ignores TERM',
  how: 'An operator stops it.',
  setting: 'recommended',
  kind: null,
  notFor: forAll,
  command: ({ command }) => wrapped(command),
  files: { [wrapper]: shellScript("trap '' TERM INT HUP", 'exec "$@"') },
  observe: async (subject, { stopMs }) => {
    await pause(1_500);
    const { pid } = subject.birth;
    const begin = performance.now();
    const stopped = subject.stop(stopMs);
    const isDead = await subject.wait(() => subject.machine.process(pid) === null, stopMs);
    const text = isDead
      ? `killed after ${span(performance.now() - begin)}`
      : `still runs after ${span(stopMs)}`;
    await stopped;
    subject.note(text);
    return text;
  },
};

const child = ['/bin/sleep', '9988'];

export const grandchildren: Fault = {
  name: 'grandchildren left behind',
  how: 'The daemon has a child that goes on when it is killed, and again when an operator stops it.',
  setting: 'recommended',
  kind: null,
  notFor: forAll,
  command: ({ command }) => wrapped(command),
  files: { [wrapper]: shellScript(`${child.join(' ')} &`, 'exec "$@"') },
  observe: async (subject, { restartMs, stopMs, quietMs }) => {
    const { machine } = subject;
    const children = (): readonly number[] => machine.pids(child.join(' '));
    await pause(1_500);
    const first = children();
    const ms = await subject.replacement(subject.killDaemon(), restartMs);
    await pause(quietMs / 4);
    const left = children().filter((pid) => first.includes(pid)).length;
    subject.note(`children ${children().join(', ')}, of which ${left} of the first daemon`);
    await subject.stop(stopMs);
    await pause(quietMs / 4);
    const end = children().length;
    subject.note(`children ${children().join(', ')}`);
    const killed = ms === null ? backAfter(ms, restartMs) : left === 0 ? 'killed' : 'left';
    return `after a death: ${killed}; after a stop: ${end === 0 ? 'killed' : `${end} left`}`;
  },
};

/** As long as it lives before each kill. */
const shortMs = 50;
const mostMs = 90_000;

export const manyKills: Fault = {
  name: 'kills in a row',
  how: `1,000 kills of the daemon, each when it has been up for ${shortMs} ms, for at most ${mostMs / 1_000} s.`,
  setting: 'fastest',
  kind: null,
  notFor: forAll,
  observe: async (subject, { kills, restartMs }) => {
    const options = { kills, upMs: shortMs, holdMs: 0, patienceS: restartMs / 1_000, mostMs };
    const begin = performance.now();
    const [turns] = await takeTurns([{ machine: subject.machine, slot: 0 }], options);
    if (turns === undefined) throw new Error('There were no kills');
    const done = turns.ms.length;
    const took = span(performance.now() - begin);
    subject.note(`${done} restarts in ${took}`);
    return turns.lostAfterS !== null
      ? `given up after ${done + 1} kills: not back within ${span(restartMs)}`
      : `${done} in ${took}, all restarted`;
  },
};
