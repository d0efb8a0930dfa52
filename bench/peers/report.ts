/** The figures in words: a part of the table for each thing that is measured, a row per candidate. */

import { median, quantile } from '../statistics.js';
import type { Part, Row } from '../table.js';
import type { Cost } from './cost.js';
import type { Figures, Sizes } from './measure.js';
import type { Candidate } from './place.js';
import type { Turns } from './turns.js';

/** `value` is what is compared, and less is better; null: there is nothing to compare. */
type Cell = Readonly<{ text: string; value: number | null }>;

type Subject = Readonly<{ what: string; how: string; cell: (figures: Figures) => Cell }>;

export const titleOf = ({ peer, setting }: Candidate): string =>
  setting === 'fastest' ? `${peer.name}, fastest` : peer.name;

export const reportParts = (all: readonly Figures[], sizes: Sizes): readonly Part[] =>
  subjects(sizes).map(({ what, how, cell }) => ({
    what,
    how,
    rows: all.map((figures): Row => {
      const { text, value } = cell(figures);
      const beats = isBelow(value, rival(all, figures, cell));
      const measured = beats ? `${text} (beats esmd)` : text;
      return { what: titleOf(figures.candidate), measured, goal: null };
    }),
  }));

/** What esmd reached in the same setting. Null for esmd itself. */
function rival(
  all: readonly Figures[],
  { candidate }: Figures,
  cell: Subject['cell'],
): number | null {
  if (candidate.peer.name === 'esmd') return null;
  const found = all.find(
    (each) => each.candidate.peer.name === 'esmd' && each.candidate.setting === candidate.setting,
  );
  return found === undefined ? null : cell(found).value;
}

/** Not by a difference that the next run would turn round. */
const isBelow = (value: number | null, other: number | null): boolean =>
  value !== null && other !== null && value < other * 0.97;

function subjects({ settled, crashing, idleMs, many, storms }: Sizes): readonly Subject[] {
  const kill = (kills: number, upMs: number): string =>
    `from kill -9 to the first instruction of the replacement, ${kills} kills, each when it has been up for ${upMs} ms; median / 95 % / most`;
  const idle = `in ${idleMs / 1000} s without events, all threads of all processes of the supervisor`;
  const size = 'RSS / PSS / private, sums over all processes of the supervisor';
  return [
    {
      what: 'Restart',
      how: kill(settled.kills, settled.upMs),
      cell: (figures) => turnsCell(figures.settled.foreground),
    },
    {
      what: 'Restart, pid file',
      how: `a daemon that puts itself into the background; ${kill(settled.kills, settled.upMs)}`,
      cell: (figures) => turnsCell(figures.settled.pidfile),
    },
    {
      what: 'Crash loop',
      how: kill(crashing.kills, crashing.upMs),
      cell: (figures) => turnsCell(figures.crashing.foreground),
    },
    {
      what: 'Crash loop, pid file',
      how: `a daemon that puts itself into the background; ${kill(crashing.kills, crashing.upMs)}`,
      cell: (figures) => turnsCell(figures.crashing.pidfile),
    },
    { what: 'Idle, 1 service', how: idle, cell: ({ idle: { one } }) => idleCell(one) },
    { what: `Idle, ${many} services`, how: idle, cell: (figures) => idleCell(figures.idle.many) },
    { what: 'Size, 1 service', how: size, cell: ({ idle: { one } }) => sizeCell(one) },
    { what: `Size, ${many} services`, how: size, cell: (figures) => sizeCell(figures.idle.many) },
    {
      what: 'Storm',
      how: `${many} services killed at once, until all are back; ${storms} times, median / most`,
      cell: (figures) => stormCell(figures.storms),
    },
  ];
}

function turnsCell(turns: Turns | null): Cell {
  if (turns === null) return { text: 'cannot', value: null };
  const { ms, asked, isLost } = turns;
  const text = [0.5, 0.95, 1].map((share) => inMs(quantile(ms, share))).join(' / ');
  if (isLost && ms.length === 0) return { text: 'never came back', value: null };
  // Who gives up in the middle is not faster than who goes on.
  if (isLost) return { text: `${text} ms, gave up after ${ms.length} kills`, value: null };
  const few = ms.length < asked ? `, ${ms.length} kills` : '';
  return { text: `${text} ms${few}`, value: median(ms) };
}

const inMs = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

const idleCell = ({ wakeUpsPerSecond, ticks }: Cost): Cell => ({
  text: `${wakeUpsPerSecond.toFixed(2)} wake-ups/s, ${ticks} ticks`,
  value: wakeUpsPerSecond,
});

function sizeCell({ memory, processes }: Cost): Cell {
  const { rss, pss, private: own } = memory;
  const text = [rss, pss, own].map((megabytes) => megabytes.toFixed(1)).join(' / ');
  return { text: `${text} MB, ${processes} process${processes === 1 ? '' : 'es'}`, value: own };
}

function stormCell(storms: Figures['storms']): Cell {
  const healed = storms.filter((each) => each !== null);
  if (healed.length < storms.length) {
    return { text: `not all came back from storm ${healed.length + 1}`, value: null };
  }
  const value = median(healed);
  return { text: `${inMs(value)} / ${inMs(Math.max(...healed))} ms`, value };
}
