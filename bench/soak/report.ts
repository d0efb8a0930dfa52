/** What a soak in which nothing was broken has to tell: for a terminal, and for RESULTS.md. */

import { circumstances, markdownTable } from '../results.js';
import type { Row } from '../table.js';
import type { Soaked } from './run.js';

/** `minutes`: of random harm; to wait and to measure comes on top. */
export type Soak = Readonly<{ minutes: number; seed: number; soaked: Soaked }>;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const megabytes = (size: number): string => `${size.toFixed(1)} MB`;
const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, each) => total + each, 0);

const fact = (what: string, measured: string): Row => ({ what, measured, goal: null });

export const soakRows = ({ soaked: { done, lives, longestAbsence, memory } }: Soak): Row[] => [
  fact('actions', String(sum(done.values()))),
  fact('lives of daemons', String(lives)),
  fact('the longest that a wanted daemon was away', seconds(longestAbsence)),
  ...(memory ?? []).map(({ resting, left }, index) =>
    fact(
      `private memory at rest, minute ${index + 1}`,
      `${megabytes(resting)} (before: ${megabytes(left)})`,
    ),
  ),
];

const method = `Nine services of all kinds run in a machine of their own under busybox init, and random harm is done
to it: a third of the time with kills of esmd, the rest in one life of it. Ten times a second it is
looked at whether a service has two copies, a stranger was signalled or a wanted service is away for
longer than its bound; after each minute whether what esmd says is so. Its private memory is measured
after each minute of that life: as the minute has left it, and the least of ten seconds without a
death. At rest it may not grow by more than a tenth after the first minute. A run in which something
is broken ends with exit status 1 and is not written down here.`;

export function soakText(soak: Soak): string {
  const { minutes, seed, soaked } = soak;
  return [
    `\`make soak MINUTES=${minutes} SEED=${seed}\`, ${circumstances()}.`,
    method,
    markdownTable([
      ['What', 'Measured'],
      ...soakRows(soak).map(({ what, measured }) => [what, measured]),
    ]),
    markdownTable([
      ['Action', 'Times'],
      ...[...soaked.done].sort().map(([name, times]) => [name, String(times)]),
    ]),
  ].join('\n\n');
}
