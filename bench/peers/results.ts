/** The section of RESULTS.md: versions, method, a row for each candidate. */

import { median, quantile } from '../statistics.js';
import { circumstances, markdownTable } from '../results.js';
import type { Part } from '../table.js';
import type { Absent } from './peer.js';
import type { Figures } from './measure.js';
import { inMs, titleOf, whatIsBelow, type Cell } from './report.js';
import type { Candidate } from './place.js';

const method = `Each supervisor keeps the same static C daemon alive, which stores its pid and CLOCK_MONOTONIC
before anything else and then waits. Each runs in a PID namespace of its own, started by the same
init (busybox) unless it is an init itself; its packages are unpacked there and not installed. All
are measured in one run: idle at the same time, killed in turns, so that whatever slows the machine
down slows all of them. A restart is the time from just before kill(2) to the first instruction of
the replacement; the service has been up for at least so long before, and the turns of the others
come on top. A wake-up is a context switch; a tick is 10 ms of processor time. "Beats esmd" compares
with esmd in the same setting, and names the figures that are lower by more than 3 %. PSS and
private memory are lower here than on a machine with one supervisor: the same program in other
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
  const rows = soonest.filter((each) => each !== undefined);
  const esmd = rows.find(({ candidate }) => candidate.peer.name === 'esmd');
  const others = esmd === undefined ? [] : shortCells(esmd);
  const table = markdownTable([head, ...rows.map((row) => shortRow(row, others))]);
  return `${table}\n\n${footnote}`;
}

const footnote = `\\* Lower than esmd's by more than 3 %. Private memory is what a supervisor shares with no other process:
here others run Node and Python as well, and alone on a machine it is more. RSS and PSS are beside it
in RESULTS.md.`;

function shortRow(figures: Figures, esmd: readonly Cell[]): readonly string[] {
  const { peer, installed } = figures.candidate;
  const cells = shortCells(figures).map(({ text, values }, index) =>
    whatIsBelow(values, esmd[index]?.values ?? {}).length > 0 ? `${text} \\*` : text,
  );
  return [`${peer.name} ${installed.version}`, ...cells];
}

function shortCells({ settled, crashing, idle, storms }: Figures): readonly Cell[] {
  const healed = storms.filter((ms) => ms !== null);
  const storm = healed.length < storms.length ? Infinity : median(healed);
  const wakeUps = idle.many.wakeUpsPerSecond;
  const [one, many] = [idle.one.memory.private, idle.many.memory.private];
  return [
    shortTurns(settled.foreground),
    shortTurns(crashing.foreground),
    shortTurns(settled.pidfile),
    {
      text: storm === Infinity ? 'not all came back' : `${inMs(storm)} ms`,
      values: { storm },
    },
    { text: wakeUps.toFixed(2), values: { wakeUps } },
    { text: `${one.toFixed(1)} / ${many.toFixed(1)} MB`, values: { one, many } },
  ];
}

/** Median and 95 %. */
function shortTurns(turns: Figures['settled']['foreground']): Cell {
  if (turns === null) return { text: 'cannot', values: {} };
  const { ms, lostAfterS } = turns;
  if (lostAfterS !== null) return { text: `not back after kill ${ms.length + 1}`, values: {} };
  const [middle, high] = [median(ms), quantile(ms, 0.95)];
  return { text: `${inMs(middle)} / ${inMs(high)} ms`, values: { middle, high } };
}
