import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reason } from '../../../../src/core/service/describe.js';
import { never } from '../../../../src/core/service/enter.js';
import type { Actual, Service } from '../../../../src/core/service/record.js';
import { instant } from '../../../../src/core/units.js';
import {
  actuals,
  backgroundSpec,
  code,
  down,
  later,
  main,
  now,
  problem,
  service,
  stranger,
  unmonitored,
  wall,
} from '../../../helpers/services.js';

const ended = { lastEnd: { process: main, at: wall, status: code(1), expected: false } } as const;
const ambiguity = {
  trouble: { type: 'ambiguous', pids: [main.pid, stranger.pid] },
} as const satisfies Partial<Service>;
const background = { spec: backgroundSpec() };

const sentences: readonly (readonly [string, Actual, Partial<Service>])[] = [
  ['', actuals.stopped, {}],
  ['waits for db', actuals.waiting, {}],
  ['stopped by an operator', actuals.stopped, down],
  ['not monitored (mode)', actuals.stopped, unmonitored],
  ['being started', actuals.asked, {}],
  ['its start command runs, for 30 s more at most', actuals.launching, {}],
  ['its start command runs', { ...actuals.launching, deadline: never }, unmonitored],
  ['waits for /run/web.pid to appear, for 30 s more at most', actuals.appearing, background],
  ['waits for its process to appear, for 30 s more at most', actuals.appearing, {}],
  ['on probation for 1 s more', actuals.probation, {}],
  ['on probation for 0 ms more', { ...actuals.probation, deadline: later(-5) }, {}],
  ['', actuals.running, {}],
  ['not monitored (mode)', actuals.running, unmonitored],
  ['being stopped', actuals.signalling, {}],
  [
    'does not end although it was killed',
    actuals.signalling,
    { trouble: { type: 'unkillable', pid: main.pid } },
  ],
  ['ended once (exit status 1); next start in 400 ms', actuals.backoff, { ...ended, inRow: 1 }],
  [
    'ended 2 times (exit status unknown); next start in 400 ms',
    actuals.backoff,
    { lastEnd: { ...ended.lastEnd, status: null }, failures: [now, now], inRow: 1 },
  ],
  ['Cannot do it; next start in 400 ms', actuals.backoff, { lastProblem: problem }],
  [
    'Cannot do it; next start in 400 ms',
    actuals.backoff,
    { trouble: { type: 'shortage', problem } },
  ],
  ['several processes match: 100, 300', actuals.backoff, ambiguity],
  [
    'process 100 matches and cannot be held',
    actuals.backoff,
    { trouble: { type: 'ambiguous', pids: [main.pid] } },
  ],
  ['Cannot do it; next try in 30 s', actuals.failed, { lastProblem: problem }],
  ['ended 6 times; looked for again in 30 s', actuals.failed, { ...background, inRow: 6 }],
  ['Cannot do it; given up for good', actuals.failedForGood, { lastProblem: problem }],
  [
    'Cannot do it; next try in 0 ms',
    { ...actuals.failed, deadline: instant(1) },
    { lastProblem: problem },
  ],
];

for (const [sentence, actual, changes] of sentences) {
  test(`reason: ${actual.state}: ${sentence === '' ? 'nothing to say' : sentence}`, () => {
    assert.equal(reason(service(actual, changes), now), sentence);
  });
}
