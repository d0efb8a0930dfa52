import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context, Input, Service } from '../../../../src/core/service/record.js';
import { step } from '../../../../src/core/service/step.js';
import { incarnation, seconds } from '../../../../src/core/units.js';
import {
  absent,
  actuals,
  code,
  command,
  context,
  elapsed,
  exited,
  found,
  killed,
  later,
  main,
  overdue,
  problem,
  process,
  service,
  spawned,
  spec,
  stranger,
  unspawned,
  wall,
  wish,
} from '../../../helpers/services.js';

const failures: Partial<Service> = {
  failures: [later(-1000)],
  inRow: 2,
  shortages: 1,
  givenUp: { tries: 1, interval: seconds(60) },
  lastProblem: problem,
  trouble: { type: 'shortage', problem },
};

for (const [name, actual] of Object.entries(actuals)) {
  for (const type of ['start', 'restart', 'reset'] as const) {
    test(`step: ${type} while ${name} forgets every failure`, () => {
      const [next] = step(service(actual, failures), { type }, context());
      const { inRow, shortages, givenUp, lastProblem, trouble } = next;
      assert.deepEqual(
        [next.failures, inRow, shortages, givenUp, lastProblem, trouble],
        [[], 0, 0, null, null, null],
      );
    });
  }
}

test('step: that it cannot be killed is said once, whatever an operator asks', () => {
  const trouble = { type: 'unkillable', pid: main.pid } as const;
  const [next] = step(service(actuals.signalling, { trouble }), { type: 'reset' }, context());
  assert.deepEqual(next.trouble, trouble);
});

test('step: an answer about an earlier life is ignored', () => {
  const given = service(actuals.asked);
  for (const answer of [spawned('main', main), unspawned('main'), absent, found(main)]) {
    const input = { ...answer, incarnation: incarnation(6) } as Input;
    assert.equal(step(given, input, context())[0], given);
  }
});

const questions: readonly (readonly [string, Service, Input])[] = [
  ['a search after the pid file', service(actuals.launching), exited(command)],
  ['the last look', service(overdue(actuals.appearing)), elapsed],
  ['a look for what has to be stopped', service(actuals.looking), wish('down')],
  [
    'a stop command',
    service(actuals.running, { spec: spec({ stop: ['/bin/stop'] }) }),
    wish('down'),
  ],
];

for (const [name, given, input] of questions) {
  test(`step: ${name} has a number of its own`, () => {
    const [next, actions] = step(given, input, context());
    assert.equal(next.incarnation, 8);
    assert.deepEqual(
      actions.map((action) => 'incarnation' in action && action.incarnation),
      [8],
    );
  });
}

const unsaid: Partial<Service> = {
  lastEnd: { process: stranger, at: wall, status: null, expected: false },
};
const statusOf = (given: Service, input: Input, changes: Partial<Context> = {}) =>
  step(given, input, context(changes))[0].lastEnd?.status;

for (const actual of [actuals.probation, actuals.backoff, actuals.stopped]) {
  test(`step: a status that comes only while ${actual.state} is still taken in`, () => {
    const input = { type: 'reaped', process: stranger, status: killed } as const;
    assert.deepEqual(statusOf(service(actual, unsaid), input), killed);
  });
}

test('step: a status that is known, or about another process, is not replaced', () => {
  const known = { lastEnd: { process: stranger, at: wall, status: code(1), expected: false } };
  const late = { type: 'reaped', process: stranger, status: killed } as const;
  assert.deepEqual(statusOf(service(actuals.stopped, known), late), code(1));
  assert.equal(statusOf(service(actuals.stopped, unsaid), { ...late, process: main }), null);
  assert.equal(statusOf(service(actuals.stopped), late), undefined);
});

test('step: a status that never comes is unknown once some time has passed', () => {
  const unknown = { type: 'unknown' } as const;
  const fresh = { ...unsaid, since: later(-10) };
  assert.equal(statusOf(service(actuals.stopped, fresh), elapsed), null);
  assert.deepEqual(statusOf(service(overdue(actuals.probation), fresh), elapsed), unknown);
  assert.deepEqual(
    statusOf(service(actuals.stopped, fresh), elapsed, { now: later(990) }),
    unknown,
  );
});

for (const [name, actual] of Object.entries(actuals)) {
  test(`step: ${name}: what is ignored leaves the very same record`, () => {
    const given = service(actual);
    for (const input of [elapsed, exited(process(1)), { type: 'stirred' } as const]) {
      const [next, actions] = step(given, input, context());
      if (actions.length === 0) assert.equal(next, given);
    }
  });
}
