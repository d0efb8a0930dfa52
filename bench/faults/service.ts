/** What a service may do: crash, ignore its end, leave others behind. */

import { setTimeout as pause } from 'node:timers/promises';
import { birthIn } from '../place.js';
import { shellScript } from '../peers/peer.js';
import { forAll, type Fault } from './fault.js';
import { backAfter, span } from './subject.js';

const wrapper = '/usr/local/sbin/wrapped';
const wrapped = (command: readonly string[]): readonly string[] => [wrapper, ...command];

const crashMark = '/run/crash';

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
  observe: async (subject, { stopMs, quietMs }) => {
    const { machine } = subject;
    await pause(1_500);
    machine.writeFile(crashMark, '');
    subject.killDaemon();
    await pause(1_300);
    await subject.stop(stopMs);
    const { count } = subject.birth;
    machine.files.remove(crashMark);
    await pause(quietMs * 3);
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
    const begin = performance.now();
    let done = 0;
    while (done < kills && performance.now() - begin < mostMs) {
      await pause(shortMs);
      const before = birthIn(subject.machine, 0);
      subject.machine.kill(before.pid);
      const isBorn = (): boolean => birthIn(subject.machine, 0).count > before.count;
      if (!(await subject.wait(isBorn, restartMs))) {
        return `given up after ${done + 1} kills (${span(restartMs)} without it)`;
      }
      done += 1;
    }
    const took = span(performance.now() - begin);
    subject.note(`${done} kills in ${took}`);
    return `${done} in ${took}, all restarted`;
  },
};
