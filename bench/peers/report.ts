/** The figures in words: a part of the table for each thing that is measured, a row per candidate. */

import { highest, median, quantile } from '../statistics.js';
import type { Part, Row } from '../table.js';
import type { Cost } from './cost.js';
import type { Figures, Sizes } from './measure.js';
import type { Candidate } from './place.js';
import type { Turns } from './turns.js';

/** `values` are what is compared, less being better; none: there is nothing to compare. */
export type Cell = Readonly<{ text: string; values: Readonly<Record<string, number>> }>;

type Subject = Readonly<{ what: string; how: string; cell: (figures: Figures) => Cell }>;

export const titleOf = ({ peer, setting }: Candidate): string =>
  setting === 'fastest' ? `${peer.name}, fastest` : peer.name;

export const reportParts = (all: readonly Figures[], sizes: Sizes): readonly Part[] =>
  subjects(sizes).map(({ what, how, cell }) => ({
    what,
    how,
    rows: all.map((figures): Row => {
      const { text, values } = cell(figures);
      const beaten = whatIsBelow(values, rival(all, figures, cell));
      const measured = beaten.length > 0 ? `${text} (beats esmd: ${beaten.join(', ')})` : text;
      return { what: titleOf(figures.candidate), measured, goal: null };
    }),
  }));

/** What esmd reached in the same setting. Nothing for esmd itself. */
function rival(
  all: readonly Figures[],
  { candidate }: Figures,
  cell: Subject['cell'],
): Cell['values'] {
  if (candidate.peer.name === 'esmd') return {};
  const found = all.find(
    (each) => each.candidate.peer.name === 'esmd' && each.candidate.setting === candidate.setting,
  );
  return found === undefined ? {} : cell(found).values;
}

/** Not by a difference that the next run would turn round. */
export const whatIsBelow = (values: Cell['values'], others: Cell['values']): readonly string[] =>
  Object.entries(values)
    .filter(([name, value]) => value < (others[name] ?? Number.NaN) * 0.97)
    .map(([name]) => name);

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
  if (turns === null) return { text: 'cannot', values: {} };
  const { ms, asked, lostAfterS } = turns;
  const shares = [0.5, 0.95, 1].map((share) => quantile(ms, share));
  const text = `${shares.map(inMs).join(' / ')} ms`;
  if (lostAfterS !== null) {
    const lost = `nothing within ${lostAfterS} s of kill ${ms.length + 1}`;
    // Who gives up in the middle is not faster than who goes on.
    const never = { median: Infinity, '95 %': Infinity, most: Infinity };
    return { text: ms.length === 0 ? lost : `${text}, ${lost}`, values: never };
  }
  const few = ms.length < asked ? `, ${ms.length} kills` : '';
  const [middle = Number.NaN, high = Number.NaN, most = Number.NaN] = shares;
  return { text: `${text}${few}`, values: { median: middle, '95 %': high, most } };
}

export const inMs = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

const idleCell = ({ wakeUpsPerSecond, ticks }: Cost): Cell => ({
  text: `${wakeUpsPerSecond.toFixed(2)} wake-ups/s, ${ticks} ticks`,
  values: { 'wake-ups': wakeUpsPerSecond, ticks },
});

function sizeCell({ memory, processes }: Cost): Cell {
  const { rss, pss, private: own } = memory;
  const text = [rss, pss, own].map((megabytes) => megabytes.toFixed(1)).join(' / ');
  return {
    text: `${text} MB, ${processes} process${processes === 1 ? '' : 'es'}`,
    values: { RSS: rss, PSS: pss, private: own },
  };
}

function stormCell(storms: Figures['storms']): Cell {
  const healed = storms.filter((each) => each !== null);
  if (healed.length < storms.length) {
    return {
      text: `not all came back from storm ${healed.length + 1}`,
      values: { median: Infinity, most: Infinity },
    };
  }
  const [middle, most] = [median(healed), highest(healed)];
  return { text: `${inMs(middle)} / ${inMs(most)} ms`, values: { median: middle, most } };
}
