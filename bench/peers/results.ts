/** The section of RESULTS.md: versions, method, a row for each candidate. */

import { median, quantile } from '../statistics.js';
import { circumstances, markdownTable } from '../results.js';
import type { Part } from '../table.js';
import type { Absent } from './peer.js';
import type { Figures } from './measure.js';
import { inMs, titleOf } from './report.js';
import type { Candidate } from './place.js';

const method = `Each supervisor keeps the same static C daemon alive, which stores its pid and CLOCK_MONOTONIC
before anything else and then waits. Each runs in a PID namespace of its own, started by the same
init (busybox) unless it is an init itself; its packages are unpacked there and not installed. All
are measured in one run: idle at the same time, killed in turns, so that whatever slows the machine
down slows all of them. A restart is the time from just before kill(2) to the first instruction of
the replacement. A wake-up is a context switch; a tick is 10 ms of processor time. "Beats esmd"
compares with esmd in the same setting, and names the figures that are lower by more than 3 %. PSS
and private memory are lower here than on a machine with one supervisor: the same program in other
machines, and the Node that measures, share its pages.`;

export function resultsText(
  parts: readonly Part[],
  candidates: readonly Candidate[],
  absent: readonly Absent[],
): string {
  return [
    `\`make bench-peers\`, ${circumstances()}.`,
    method,
    markdownTable([['Supervisor', 'Version', 'Set'], ...candidates.map(settingRow)]),
    ...remarks(candidates),
    ...absent.map(({ name, reason }) => `${name} is left out: ${reason}.`),
    ...parts.map(partText),
  ].join('\n\n');
}

const settingRow = (candidate: Candidate): readonly string[] => [
  titleOf(candidate),
  candidate.installed.version,
  candidate.peer.settings[candidate.setting] ?? '',
];

const partText = ({ what, how, rows }: Part): string =>
  `### ${what}\n\n${how}\n\n${markdownTable([
    ['Supervisor', 'Measured'],
    ...rows.map((row) => [row.what, row.measured]),
  ])}`;

function remarks(candidates: readonly Candidate[]): readonly string[] {
  const peers = new Set(candidates.map(({ peer }) => peer));
  return [...peers].flatMap(({ name, remark }) =>
    remark === undefined ? [] : [`About ${name}: ${remark}.`],
  );
}

/** For README.md: each in the setting in which it restarts soonest. */
export function shortForm(all: readonly Figures[], many: number): string {
  const names = new Set(all.map(({ candidate }) => candidate.peer.name));
  const soonest = [...names].map((name) =>
    all.findLast((each) => each.candidate.peer.name === name),
  );
  const head = [
    `${circumstances().split(',', 1).join('')}, fastest settings`,
    'restart, up 1.5 s',
    'restart, up 50 ms',
    'with a pid file',
    `${many} at once`,
    `wake-ups/s, ${many} idle`,
    `private memory, 1 / ${many}`,
  ];
  const rows = soonest.filter((each) => each !== undefined).map((each) => shortRow(each));
  return markdownTable([head, ...rows]);
}

function shortRow({ candidate, settled, crashing, idle, storms }: Figures): readonly string[] {
  const healed = storms.filter((ms) => ms !== null);
  return [
    `${candidate.peer.name} ${candidate.installed.version}`,
    turnsText(settled.foreground),
    turnsText(crashing.foreground),
    turnsText(settled.pidfile),
    healed.length < storms.length ? 'not all came back' : `${inMs(median(healed))} ms`,
    idle.many.wakeUpsPerSecond.toFixed(2),
    `${idle.one.memory.private.toFixed(1)} / ${idle.many.memory.private.toFixed(1)} MB`,
  ];
}

/** Median and 95 %. */
function turnsText(turns: Figures['settled']['foreground']): string {
  if (turns === null) return 'cannot';
  const { ms, lostAfterS } = turns;
  if (lostAfterS !== null) return `gives up after ${ms.length}`;
  return `${inMs(median(ms))} / ${inMs(quantile(ms, 0.95))} ms`;
}
