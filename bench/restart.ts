/** From kill -9 to the first instruction of the replacement, beside the fastest loop there is. */

import { Place } from './place.js';
import { program } from './programs.js';
import { toMs } from './statistics.js';

/** Each is killed in its turn, so that whatever slows the machine down slows all of them. */
export const candidates = ['loop', 'probation', 'running', 'pidfile', 'user'] as const;

export type Candidate = (typeof candidates)[number];

/** Milliseconds. */
export type Restarts = Readonly<Record<Candidate, readonly number[]>>;

const slotOf = (name: Candidate): number => candidates.indexOf(name);

/** Long enough for a daemon to be past a probation of 50 ms, and for the table to be written. */
const pauseMs = 70;

// The second failure in a row would wait.
const patient = '[restart]\nlimit = 10000\ndelay = "0s"\n';

const command = (name: Candidate): string =>
  `command = ["${program('daemon')}", "${slotOf(name)}"]\n`;

const pidFile = '/run/bench/pidfile.pid';
const script = '/etc/init.d/bench';

const services: Readonly<Record<Exclude<Candidate, 'loop'>, string>> = {
  probation: `${command('probation')}probation = "10s"\n${patient}`,
  running: `${command('running')}probation = "50ms"\n${patient}`,
  user: `${command('user')}user = "daemon"\nprobation = "50ms"\n${patient}`,
  pidfile: `start = ["${script}", "start"]
pidfile = "${pidFile}"
match = { exe = "${program('daemon')}" , args = ["${slotOf('pidfile')}", "${pidFile}"] }
probation = "50ms"
${patient}`,
};

export async function measureRestarts(programs: string, rounds: number): Promise<Restarts> {
  const loop = [program('loop'), program('daemon'), String(slotOf('loop'))].join(' ');
  const place = await Place.make({
    programs,
    services,
    entries: [{ id: 'lo', action: 'once', process: loop }],
    files: {
      [script]: {
        text: `#!/bin/sh\nexec ${program('daemon')} ${slotOf('pidfile')} ${pidFile}\n`,
        mode: 0o755,
      },
    },
  });
  try {
    const turns = [rounds, pauseMs, ...candidates.map(slotOf)].map(String);
    const text = await place.machine.must([program('kill'), 'turns', ...turns], {
      timeoutMs: 60_000 + rounds * candidates.length * pauseMs * 4,
    });
    const lines = text.trim().split('\n');
    const of = (name: Candidate): readonly number[] =>
      lines
        .map((line) => line.split(' ').map(Number))
        .filter(([slot]) => slot === slotOf(name))
        .map(([, ns = Number.NaN]) => toMs(ns));
    return {
      loop: of('loop'),
      probation: of('probation'),
      running: of('running'),
      pidfile: of('pidfile'),
      user: of('user'),
    };
  } finally {
    await place.machine.destroy();
  }
}
