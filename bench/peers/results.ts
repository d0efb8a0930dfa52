/** The section of RESULTS.md: versions, method, a row for each candidate. */

import { circumstances, markdownTable } from '../results.js';
import type { Part } from '../table.js';
import type { Absent } from './peer.js';
import { titleOf } from './report.js';
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
