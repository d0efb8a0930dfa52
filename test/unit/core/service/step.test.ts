import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../../../src/core/service/record.js';
import { step } from '../../../../src/core/service/step.js';
import { seconds } from '../../../../src/core/units.js';
import { actuals, context, later, main, problem, service } from '../../../helpers/services.js';

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
