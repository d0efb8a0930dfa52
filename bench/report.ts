/** What was measured, in words, and beside it what DESIGN asks for. */

import type { Compared } from './crowd.js';
import type { Memory } from './process.js';
import type { Candidate, Restarts } from './restart.js';
import { highest, median, quantile } from './statistics.js';
import type { Storms } from './storm.js';
import type { Part, Row } from './table.js';

/** The goals. Milliseconds. */
const mostAboveLoop = 0.7;
const mostBlocked = 25;

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const named = (services: number): string =>
  `esmd, ${services.toLocaleString('en')} service${services === 1 ? '' : 's'}`;

const fact = (what: string, measured: string): Row => ({ what, measured, goal: null });

export function restartPart(restarts: Restarts, kills: number): Part {
  const base = median(restarts.loop);
  const figure = (name: Candidate): string => {
    const [middle, high, most] = [0.5, 0.95, 1].map((share) => quantile(restarts[name], share));
    return [middle, high, most].map((value) => (value ?? Number.NaN).toFixed(2)).join(' / ');
  };
  const row = (name: Candidate, what: string, hasGoal: boolean): Row => {
    const above = median(restarts[name]) - base;
    const measured = `${figure(name)} ms, +${above.toFixed(2)} ms`;
    const goal = { text: `at most +${mostAboveLoop.toFixed(2)} ms`, holds: above <= mostAboveLoop };
    return { what, measured, goal: hasGoal ? goal : null };
  };
  return {
    what: 'Restart',
    how: `from kill -9 to the first instruction of the replacement; ${kills} kills of each, in turns; median / 95 % / most, and medians above that of the loop`,
    rows: [
      fact('bare C loop: waitpid, vfork, exec', `${figure('loop')} ms`),
      row('probation', 'foreground, on probation', true),
      row('running', 'foreground, past probation', true),
      row('pidfile', 'pid file, started through sh', false),
      row('user', 'foreground, as another user', false),
    ],
  };
}

export function idlePart(switches: Compared<number>, many: number, idleMs: number): Part {
  const row = (what: string, count: number): Row => ({
    what,
    measured: String(count),
    goal: { text: 'none beyond those of Node', holds: count <= switches.plain },
  });
  return {
    what: 'Idle',
    how: `context switches of all threads in ${idleMs / 1000} s, after V8 has cleared up behind the start`,
    rows: [
      fact('Node alone, same options', String(switches.plain)),
      row(named(1), switches.one),
      row(named(many), switches.many),
    ],
  };
}

export function stormPart({ healed, blocked }: Storms, killed: number, many: number): Part {
  const figure = (values: readonly number[]): string =>
    `${ms(median(values))} / ${ms(highest(values))}`;
  return {
    what: 'Storm',
    how: `${killed} of ${many} services killed at once, ${healed.length} times; median / worst (a sketch that only spawned needed 270 ms for 500)`,
    rows: [
      {
        what: 'until all run again',
        measured: figure(healed),
        goal: null,
      },
      {
        what: 'longest block of the event loop',
        measured: figure(blocked),
        goal: { text: `at most ${mostBlocked} ms`, holds: highest(blocked) <= mostBlocked },
      },
    ],
  };
}

export function startPart(
  starts: Readonly<Record<'one' | 'many', readonly number[]>>,
  many: number,
): Part {
  const row = (services: number, values: readonly number[]): Row =>
    fact(named(services), `${ms(median(values))} / ${ms(highest(values))}`);
  return {
    what: 'Start',
    how: 'of the next esmd after kill -9, from its exec to the end of a status that shows all services adopted; median / worst',
    rows: [row(1, starts.one), row(many, starts.many)],
  };
}

export function sizePart(memory: Compared<Memory>, many: number): Part {
  const row = (what: string, { rss, pss, private: own }: Memory): Row =>
    fact(what, [rss, pss, own].map((megabytes) => `${megabytes.toFixed(1)} MB`).join(' / '));
  return {
    what: 'Size',
    how: 'after that idling: RSS / PSS / private',
    rows: [
      row('Node alone, same options', memory.plain),
      row(named(1), memory.one),
      row(named(many), memory.many),
    ],
  };
}
