/**
 * The state table of ARCHITECTURE.md, made from the code: every record that can be reached from a
 * new one is given every input, and what comes of it is written down.
 */

import type { Desired, Input, Service, Step } from '../../src/core/service/record.js';
import { fresh, processesOf } from '../../src/core/service/record.js';
import type { Spec } from '../../src/core/service/spec.js';
import { step } from '../../src/core/service/step.js';
import { pid, wallClock } from '../../src/core/units.js';
import { actionInWords, inWords } from './rows.js';
import {
  backgroundSpec,
  code,
  command,
  context,
  main,
  now,
  overdue,
  policy,
  problem,
  process,
  seenAt,
  spec,
} from './services.js';

const short = { ...policy, limit: 2 };

/** Between them these take every path that a definition decides about. */
const definitions: readonly Spec[] = [
  spec({ restart: short }),
  spec({ kill: 'process', stop: ['/bin/stop'], restart: { ...short, retryInterval: null } }),
  backgroundSpec({ restart: { ...short, retry: 'resume' } }),
  backgroundSpec({ pidfile: null, kill: 'process', restart: short }),
];

/** Every input that can make a difference to a record, by the name that the table has for it. */
export function inputsFor(service: Service): readonly Input[] {
  const { incarnation } = service;
  const answer = { incarnation } as const;
  const ends = processesOf(service).flatMap((its) =>
    [code(0), code(1), null].flatMap((status) =>
      [false, true].map((late): Input => ({ type: 'exited', process: its, status, late, seenAt })),
    ),
  );
  const failed = { purpose: 'main', problem, ...answer } as const;
  // A start command is never the one before.
  const start = service.leader?.pid === command.pid ? process(201) : command;
  return [
    { type: 'begin' },
    { type: 'desired', desired: 'up', by: 'configuration' },
    { type: 'desired', desired: 'up', by: 'state file' },
    { type: 'desired', desired: 'down', by: 'operator' },
    { type: 'desired', desired: 'unmonitored', by: 'mode' },
    { type: 'start' },
    { type: 'restart' },
    { type: 'reset' },
    { type: 'reconsider' },
    { type: 'said-to-run' },
    { type: 'found', process: main, ...answer },
    { type: 'absent', ...answer },
    { type: 'ambiguous', pids: [pid(300), pid(301)], ...answer },
    { type: 'swept', ...answer },
    { type: 'spawned', purpose: 'main', process: main, warnings: [], ...answer },
    { type: 'spawned', purpose: 'start', process: start, warnings: [], ...answer },
    { type: 'spawned', purpose: 'stop', process: command, warnings: [], ...answer },
    { type: 'unspawned', shortage: false, ...failed },
    { type: 'unspawned', shortage: true, ...failed },
    ...ends,
    { type: 'reaped', process: main, status: code(0) },
    { type: 'stirred' },
    { type: 'continued' },
    { type: 'configured', spec: service.spec },
    { type: 'elapsed' },
  ];
}

/** Whether such an answer can come at all: to what was asked. */
function isAnswer({ actual, spec: its }: Service, input: Input): boolean {
  if (input.type === 'unspawned') return 'phase' in actual && actual.phase !== 'looking';
  if (input.type !== 'spawned') return true;
  if (input.purpose === 'stop') return actual.state === 'stopping';
  if (input.purpose === 'main') {
    return its.launch.type === 'command' && actual.state === 'spawning' && actual.phase === 'asked';
  }
  return its.launch.type === 'start';
}

/** Two records with the same key do the same, as far as the table tells. */
function keyOf({ actual, desired, givenUp, inRow, leader }: Service): string {
  const hasCommand = 'command' in actual && actual.command !== null;
  return [inWords(actual), hasCommand, desired, givenUp !== null, inRow, leader?.pid].join();
}

export type Edge = Readonly<{ before: Service; input: Input; taken: Step }>;

let explored: readonly Edge[] | null = null;

/** Every step from every record that can be reached. */
export function edges(): readonly Edge[] {
  explored ??= definitions.flatMap(explore);
  return explored;
}

function explore(definition: Spec): readonly Edge[] {
  const unknown = fresh(definition, { now, wall: wallClock(0) });
  const open: Service[] = [unknown, { ...unknown, desired: 'up', desiredBy: 'configuration' }];
  const known = new Set(open.map(keyOf));
  const all: Edge[] = [];
  for (let service = open.pop(); service !== undefined; service = open.pop()) {
    for (const edge of edgesOf(service)) {
      all.push(edge);
      const [next] = edge.taken;
      const capped = { ...next, failures: [], inRow: Math.min(next.inRow, short.limit + 1) };
      if (known.has(keyOf(capped))) continue;
      known.add(keyOf(capped));
      open.push(capped);
    }
  }
  return all;
}

function* edgesOf(service: Service): Generator<Edge> {
  const due = { ...service, actual: overdue(service.actual), since: now };
  for (const input of inputsFor(service)) {
    if (!isAnswer(service, input)) continue;
    for (const before of input.type === 'elapsed' ? [service, due] : [service]) {
      const taken = step(before, input, context());
      yield { before, input, taken };
      // What a requirement holds up is a start.
      if (taken[0].actual.state !== 'spawning') continue;
      yield { before, input, taken: step(before, input, context({ missing: ['db'] })) };
    }
  }
}

const columns = ['up', 'down', 'unmonitored'] as const satisfies readonly Desired[];

/** What a step does, if anything: the next state, or what is asked for without leaving this one. */
function effectOf({ before, taken: [next, actions] }: Edge): string | null {
  const state = inWords(next.actual);
  if (state !== inWords(before.actual)) return state;
  return actions.length === 0 ? null : `stays: ${actions.map(generally).join(', ')}`;
}

/** Numbers of processes mean nothing in a table. */
const generally = (action: Parameters<typeof actionInWords>[0]): string =>
  actionInWords(action).replace(/ \d+$/, '');

/** The table as Markdown, laid out as prettier does it; ends without a newline. */
export function stateTable(): string {
  const cells = new Map<string, Map<string, Record<Desired, Set<string>>>>();
  for (const edge of edges()) {
    const { before, input } = edge;
    const desired = input.type === 'desired' ? input.desired : before.desired;
    const effect = effectOf(edge);
    const byInput = entry(cells, inWords(before.actual), () => new Map<string, never>());
    const row = entry(byInput, input.type, () => ({
      up: new Set<string>(),
      down: new Set<string>(),
      unmonitored: new Set<string>(),
    }));
    if (effect !== null) row[desired].add(effect);
  }
  const rows = [...cells].sort(byOrder).flatMap(([state, byInput]) => {
    const inputs = new Map<string, string[]>();
    for (const [input, row] of byInput) {
      const effects = columns.map((each) => [...row[each]].sort().join(', '));
      if (effects.every((effect) => effect === '')) continue;
      entry(inputs, effects.join('|'), () => []).push(input);
    }
    return [...inputs].map(([effects, names]) => [state, names.join(', '), ...effects.split('|')]);
  });
  return layOut([['state', 'input', ...columns.map((each) => `desired ${each}`)], ...rows]);
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const order = 'stopped spawning starting probation running stopping backoff failed'.split(' ');

function byOrder([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const rank = (state: string): number => order.indexOf(state.replace(/[: ].*/, ''));
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

function layOut(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** Where the table stands in a document. */
export const markers = {
  begin: '<!-- state table: begin -->',
  end: '<!-- state table: end -->',
} as const;

/** The document with the table as it is now; null if it has no place for one. */
export function withStateTable(document: string): string | null {
  const [before, rest, ...others] = document.split(markers.begin);
  const [, after] = rest?.split(markers.end) ?? [];
  if (before === undefined || after === undefined || others.length > 0) return null;
  return `${before}${markers.begin}\n\n${stateTable()}\n\n${markers.end}${after}`;
}
