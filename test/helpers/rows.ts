/** Tables of tests for one service, and how they write states and actions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action as MonitorAction } from '../../src/core/monitor/monitor.js';
import type {
  Action,
  Actual,
  Context,
  Input,
  Service,
  Step,
} from '../../src/core/service/record.js';
import { step } from '../../src/core/service/step.js';
import { context } from './services.js';

/** A state in words: "starting: appearing", "stopping: signalling (start command)". */
export function inWords(actual: Actual): string {
  switch (actual.state) {
    case 'stopped':
      return actual.waitingFor.length === 0 ? 'stopped' : 'stopped (waits)';
    case 'spawning':
      return actual.phase === 'looking' && actual.onAbsence === 'failure'
        ? 'spawning: looking (after a death)'
        : `spawning: ${actual.phase}`;
    case 'starting':
      return `starting: ${actual.phase}${actual.phase === 'appearing' ? appearing(actual) : ''}`;
    case 'stopping':
      return `stopping: ${actual.phase}${stoppingWhat(actual)}`;
    default:
      return actual.state;
  }
}

function appearing(actual: Extract<Actual, { phase: 'appearing' }>): string {
  if (actual.onAbsence === 'start') return ' (said to run)';
  return actual.problem === null ? '' : ' (last look)';
}

function stoppingWhat(actual: Extract<Actual, { state: 'stopping' }>): string {
  if (actual.phase === 'asking' && actual.process === null) return ' (daemon gone)';
  return actual.phase === 'signalling' && actual.target === 'start command'
    ? ' (start command)'
    : '';
}

/** An action in words: "look scan", "spawn start", "TERM group 100". */
export function actionInWords(action: Action | MonitorAction): string {
  switch (action.type) {
    case 'look':
      return `look ${action.scope}`;
    case 'sweep':
      return 'sweep';
    case 'spawn':
      return `spawn ${action.purpose}`;
    case 'signal':
      return `${action.signal} ${action.scope} ${action.process.pid}`;
    case 'reply':
      return action.result.ok ? 'granted' : `refused ${action.result.problem.code}`;
  }
}

export const outcome = ([next, actions]: Step): readonly [string, readonly string[]] => [
  inWords(next.actual),
  actions.map(actionInWords),
];

/** What to expect of the record beside its state. */
export type Also = Partial<Omit<Service, 'actual'>> & {
  readonly actual?: Readonly<Record<string, unknown>>;
};

export type Row = readonly [
  title: string,
  given: Service,
  input: Input,
  state: string,
  actions: readonly string[],
  also?: Also,
  context?: Partial<Context>,
];

/** One test for each row, named after the handler and the row. */
export function rows(handler: string, table: readonly Row[]): void {
  for (const [title, given, input, state, actions, also, changes] of table) {
    test(`${handler}: ${title}`, () => {
      const taken = step(given, input, context(changes));
      assert.deepEqual(outcome(taken), [state, actions]);
      const { actual, ...rest } = also ?? {};
      const [next] = taken;
      if (title.includes('→ ignored')) assert.deepEqual(next, given);
      assert.deepEqual(only(next, Object.keys(rest)), rest);
      assert.deepEqual(only(next.actual, Object.keys(actual ?? {})), actual ?? {});
    });
  }
}

function only(whole: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => keys.includes(key)));
}
