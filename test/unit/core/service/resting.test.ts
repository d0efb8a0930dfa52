import { rows } from '../../../helpers/rows.js';
import {
  absent,
  actuals,
  backgroundSpec,
  elapsed,
  later,
  main,
  overdue,
  policy,
  problem,
  service,
  spawned,
  spec,
  stranger,
  unspawned,
  wish,
} from '../../../helpers/services.js';
import { millis, seconds } from '../../../../src/core/units.js';
import type { Service } from '../../../../src/core/service/record.js';

const { backoff, failed, failedForGood } = actuals;

const several = { type: 'ambiguous', pids: [main.pid, stranger.pid] } as const;
/** What a row of failures leaves behind. */
const failures: Partial<Service> = {
  failures: [later(-2000), later(-1000)],
  inRow: 2,
  shortages: 3,
  lastProblem: problem,
  trouble: { type: 'shortage', problem },
};
const givenUp: Partial<Service> = { givenUp: { tries: 2, interval: seconds(60) } };
const forgiven: Partial<Service> = {
  failures: [],
  inRow: 0,
  shortages: 0,
  givenUp: null,
  lastProblem: null,
  trouble: null,
};

rows('whenBackoff', [
  ['elapsed too early → ignored', service(backoff), elapsed, 'backoff', []],
  [
    'elapsed → looked for, failures remembered',
    service(overdue(backoff), { inRow: 4 }),
    elapsed,
    'spawning: looking',
    ['look scan'],
    { inRow: 4 },
  ],
  [
    'start → looked for at once, failures forgotten',
    service(backoff, failures),
    { type: 'start' },
    'spawning: looking',
    ['look scan'],
    forgiven,
  ],
  [
    'restart → looked for at once',
    service(backoff),
    { type: 'restart' },
    'spawning: looking',
    ['look scan'],
  ],
  [
    'reset → looked for at once, failures forgotten',
    service(backoff, failures),
    { type: 'reset' },
    'spawning: looking',
    ['look scan'],
    forgiven,
  ],
  [
    'said to run → looked for as long as a start may take, failures remembered',
    service(backoff, failures),
    { type: 'said-to-run' },
    'starting: appearing (said to run)',
    ['look scan'],
    { ...failures, actual: { deadline: later(30_000) } },
  ],
  [
    'desired down → stopped, failures forgotten',
    service(backoff, failures),
    wish('down', 'operator'),
    'stopped',
    [],
    forgiven,
  ],
  [
    'desired down, which could not be told apart → looked for: one may be left',
    service(backoff, { trouble: several }),
    wish('down', 'operator'),
    'stopping: looking',
    ['look scan'],
    { trouble: null },
  ],
  [
    'desired unmonitored, which could not be told apart → stopped',
    service(backoff, { trouble: several }),
    wish('unmonitored', 'mode'),
    'stopped',
    [],
    { trouble: null },
  ],
  ['desired unmonitored → stopped', service(backoff), wish('unmonitored', 'mode'), 'stopped', []],
  [
    'desired up by another → goes on waiting',
    service(backoff),
    wish('up', 'state file'),
    'backoff',
    [],
    { actual: { deadline: later(400) } },
  ],
  ['begin → ignored: its deadline is soon', service(backoff), { type: 'begin' }, 'backoff', []],
  [
    'continued → its full time again',
    service(overdue(backoff)),
    { type: 'continued' },
    'backoff',
    [],
    { actual: { deadline: later(400) } },
  ],
  ['absent → ignored', service(backoff), absent, 'backoff', []],
  ['spawned → ignored', service(backoff), spawned('main', main), 'backoff', []],
]);

rows('whenFailed', [
  ['elapsed too early → ignored', service(failed), elapsed, 'failed', []],
  [
    'elapsed → looked for, still given up',
    service(overdue(failed), givenUp),
    elapsed,
    'spawning: looking',
    ['look scan'],
    givenUp,
  ],
  ['elapsed, given up for good → ignored', service(failedForGood), elapsed, 'failed', []],
  [
    'start → looked for at once, all forgotten',
    service(failedForGood, { ...failures, ...givenUp }),
    { type: 'start' },
    'spawning: looking',
    ['look scan'],
    forgiven,
  ],
  [
    'restart → looked for at once',
    service(failed),
    { type: 'restart' },
    'spawning: looking',
    ['look scan'],
  ],
  [
    'reset → looked for at once, all forgotten',
    service(failed, { ...failures, ...givenUp }),
    { type: 'reset' },
    'spawning: looking',
    ['look scan'],
    forgiven,
  ],
  [
    'said to run → looked for at once, still given up',
    service(failedForGood, { ...failures, ...givenUp }),
    { type: 'said-to-run' },
    'starting: appearing (said to run)',
    ['look scan'],
    givenUp,
  ],
  [
    'desired down → stopped, all forgotten',
    service(failed, { ...failures, ...givenUp }),
    wish('down', 'operator'),
    'stopped',
    [],
    forgiven,
  ],
  ['desired unmonitored → stopped', service(failed), wish('unmonitored', 'mode'), 'stopped', []],
  ['desired up by another → still failed', service(failed), wish('up', 'state file'), 'failed', []],
  ['begin → ignored', service(failed), { type: 'begin' }, 'failed', []],
  [
    'continued → its full interval again',
    service(overdue(failed), givenUp),
    { type: 'continued' },
    'failed',
    [],
    { actual: { deadline: later(60_000) } },
  ],
  [
    'continued, given up for good → still for good',
    service(failedForGood),
    { type: 'continued' },
    'failed',
    [],
    { actual: { deadline: null } },
  ],
  [
    'continued, no interval known → its deadline stays',
    service(failed, { givenUp: null }),
    { type: 'continued' },
    'failed',
    [],
    { actual: failed },
  ],
  ['unspawned → ignored', service(failed), unspawned('main'), 'failed', []],
]);

rows('configured in any state', [
  [
    'backoff: the new policy holds from the next failure on',
    service(backoff),
    { type: 'configured', spec: spec({ restart: { ...policy, delay: millis(1) } }) },
    'backoff',
    [],
    { actual: { deadline: later(400) } },
  ],
  [
    'running: the new definition waits for the next start',
    service(actuals.running),
    { type: 'configured', spec: backgroundSpec() },
    'running',
    [],
    { spec: backgroundSpec() },
  ],
]);
