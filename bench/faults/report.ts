/** The matrix: in words for a terminal, and as the section of RESULTS.md. */

import type { Absent } from '../peers/peer.js';
import type { Candidate } from '../peers/place.js';
import { circumstances, markdownTable } from '../results.js';
import type { Part } from '../table.js';
import type { Observed } from './run.js';

export type Column = Omit<Candidate, 'setting'> | Absent;

const nameOf = (column: Column): string => ('reason' in column ? column.name : column.peer.name);

/** A part for each fault, with a row for each peer: a matrix would be too wide for a terminal. */
export const faultParts = (
  columns: readonly Column[],
  rows: readonly Observed[],
): readonly Part[] =>
  rows.map(({ fault, cells }) => ({
    what: fault.name,
    how: fault.how,
    rows: columns.map((column, index) => ({
      what: nameOf(column),
      measured: cells[index] ?? '',
      goal: null,
    })),
  }));

const method = `Each supervisor keeps one static C daemon alive in a machine of its own, as for the other
figures; a fault is made in all machines at the same time. A cell is what was seen of it, in one run;
who does what is not judged. Settings are those that the manual recommends or, where a row says
"fastest", those that restart soonest. The log of every cell, with processes and messages, is written
to \`.cache/faults.log\`.`;

export function matrix(columns: readonly Column[], rows: readonly Observed[]): string {
  const known = columns.filter((column) => 'peer' in column);
  const head = [
    'Fault',
    ...known.map((column) => `${column.peer.name} ${column.installed.version}`),
  ];
  const body = rows.map(({ fault, cells }) => [
    fault.setting === 'fastest' ? `${fault.name} (fastest)` : fault.name,
    ...cells.filter((_, index) => 'peer' in (columns[index] ?? {})),
  ]);
  return markdownTable([head, ...body]);
}

export function faultsText(columns: readonly Column[], rows: readonly Observed[]): string {
  return [
    `\`make bench-faults\`, ${circumstances()}.`,
    method,
    matrix(columns, rows),
    ...columns.flatMap((column) =>
      'reason' in column ? [`${column.name} is left out: ${column.reason}.`] : [],
    ),
    rows.map(({ fault }) => `- **${fault.name}**: ${fault.how}`).join('\n'),
  ].join('\n\n');
}
