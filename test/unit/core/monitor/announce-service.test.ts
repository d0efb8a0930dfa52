import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceEvents } from '../../../../src/core/monitor/announce-service.js';
import type { End, Service } from '../../../../src/core/service/record.js';
import {
  actuals,
  backgroundSpec,
  code,
  down,
  killed,
  later,
  main,
  policy,
  problem,
  process,
  service,
  spec,
  stranger,
  unmonitored,
  wall,
} from '../../../helpers/services.js';
import { launchDigest } from '../../../../src/core/service/digest.js';
import { seconds } from '../../../../src/core/units.js';

const { running } = actuals;

const ended = (changes: Partial<End>): Service =>
  service(running, {
    lastEnd: { process: main, at: wall, status: null, expected: false, ...changes },
  });
const events = (before: Service, after: Service) =>
  serviceEvents(before, after).map(([event, severity]) => [event, severity]);
const exited = (pid: number, status: object, expected = false) => [
  { type: 'service.exited', pid, status, expected },
  expected ? 'notice' : 'warning',
];

test('announce: an end is told when its status is known', () => {
  assert.deepEqual(events(service(running), ended({})), []);
  assert.deepEqual(events(service(running), ended({ status: code(1) })), [exited(100, code(1))]);
  assert.deepEqual(events(ended({}), ended({ status: killed })), [exited(100, killed)]);
  assert.deepEqual(events(service(running), ended({ status: code(0), expected: true })), [
    exited(100, code(0), true),
  ]);
});

test('announce: an end is told once', () => {
  assert.deepEqual(events(ended({ status: killed }), ended({ status: killed })), []);
});

test('announce: an end whose status has not come by the next one is told with it', () => {
  const second = ended({ process: stranger, status: killed });
  assert.deepEqual(events(ended({}), second), [
    exited(100, { type: 'unknown' }),
    exited(300, killed),
  ]);
  assert.deepEqual(events(ended({ status: code(0) }), ended({ process: process(7) })), []);
});

const moved = (before: Service, after: Service) =>
  serviceEvents(before, after).map(([{ type }, severity]) => `${type} ${severity}`);

const moves: readonly (readonly [string, Service, Service, readonly string[]])[] = [
  ['the same record', service(running), service(running), []],
  ['started', service(actuals.asked), service(actuals.probation), ['service.started notice']],
  [
    'started although its script failed',
    service(actuals.lastLook),
    service(actuals.probation),
    ['service.warned warning', 'service.started notice'],
  ],
  ['found', service(actuals.looking), service(running), ['service.adopted info']],
  [
    'found in a row of failures',
    service(actuals.looking),
    service(actuals.probation),
    ['service.adopted info'],
  ],
  ['trusted', service(actuals.probation), service(running), []],
  [
    'trusted after it was given up',
    service(actuals.probation, { givenUp: { tries: 0, interval: seconds(30) } }),
    service(running),
    ['service.resumed info'],
  ],
  ['left running', service(actuals.signalling), service(running), []],
  ['launched', service(actuals.asked), service(actuals.launching), ['service.starting info']],
  ['left alone while it is launched', service(actuals.breakingOff), service(actuals.launching), []],
  ['to appear', service(actuals.launching), service(actuals.appearing), []],
  ['stopping', service(running), service(actuals.signalling), ['service.stopping notice']],
  ['stopping still', service(actuals.asking), service(actuals.signalling), []],
  ['stopped', service(actuals.signalling), service(actuals.stopped), ['service.stopped notice']],
  [
    'not stopped, as several match',
    service(actuals.stoppingLast),
    service(actuals.stopped, { trouble: { type: 'ambiguous', pids: [main.pid, stranger.pid] } }),
    ['service.ambiguous error'],
  ],
  ['stopped from backoff', service(actuals.backoff), service(actuals.stopped), []],
  ['waiting', service(actuals.looking), service(actuals.waiting), ['service.waiting info']],
  ['waiting for the same', service({ ...actuals.waiting }), service({ ...actuals.waiting }), []],
  [
    'waiting for another',
    service(actuals.waiting),
    service({ ...actuals.waiting, waitingFor: ['x'] as never }),
    ['service.waiting info'],
  ],
  ['looked for', service(actuals.backoff), service(actuals.looking), []],
  [
    'backing off after a failure',
    service(running),
    service(actuals.backoff, { inRow: 2 }),
    ['service.backoff warning'],
  ],
  [
    'waiting for resources',
    service(actuals.asked),
    service(actuals.backoff, { trouble: { type: 'shortage', problem } }),
    ['service.shortage alert'],
  ],
  [
    'waiting for resources still',
    service(actuals.asked, { trouble: { type: 'shortage', problem } }),
    service(actuals.backoff, { trouble: { type: 'shortage', problem } }),
    [],
  ],
  [
    'ambiguous',
    service(actuals.looking),
    service(actuals.backoff, { trouble: { type: 'ambiguous', pids: [main.pid] } }),
    ['service.ambiguous error'],
  ],
  [
    'unkillable',
    service(actuals.signalling),
    service(actuals.signalling, { trouble: { type: 'unkillable', pid: main.pid } }),
    ['service.unkillable error'],
  ],
  ['given up', service(actuals.asked), service(actuals.failed), ['service.failed emergency']],
  [
    'given up again',
    service(actuals.asked, { givenUp: { tries: 0, interval: seconds(30) } }),
    service(actuals.failed),
    ['service.retry-failed warning'],
  ],
  [
    'its full time again, as esmd was stopped',
    service(actuals.failed, { givenUp: { tries: 0, interval: seconds(30) } }),
    service({ ...actuals.failed }, { givenUp: { tries: 0, interval: seconds(30) } }),
    [],
  ],
  [
    'only watched for',
    service(actuals.looking, {
      spec: backgroundSpec(),
      givenUp: { tries: 0, interval: seconds(30) },
    }),
    service(actuals.failed, { spec: backgroundSpec() }),
    [],
  ],
  [
    'a problem with its start',
    service(actuals.asked),
    service(actuals.asked, { lastProblem: problem }),
    ['service.start-failed warning'],
  ],
  [
    'the same problem again',
    service(actuals.asked, { lastProblem: problem }),
    service(actuals.asked, { lastProblem: { ...problem } }),
    [],
  ],
  [
    'a new warning beside an old one',
    service(running, { warnings: [problem] }),
    service(running, { warnings: [{ ...problem }, { ...problem, message: 'another' }] }),
    ['service.warned warning'],
  ],
  ['desired by an operator', service(running), service(running, down), ['service.desired notice']],
  ['desired by mode', service(running), service(running, unmonitored), []],
  [
    'another definition than the one that runs',
    service(running, { launched: launchDigest(spec()) }),
    service(running, { launched: launchDigest(spec()), spec: spec({ umask: 0 }) }),
    ['service.differs notice'],
  ],
  [
    'another definition, and nothing runs',
    service(actuals.stopped, { launched: launchDigest(spec()) }),
    service(actuals.stopped, { launched: launchDigest(spec()), spec: spec({ umask: 0 }) }),
    [],
  ],
];

for (const [name, before, after, told] of moves) {
  test(`announce: ${name} → ${told.length === 0 ? 'nothing' : told.join(', ')}`, () => {
    assert.deepEqual(moved(before, after), told);
  });
}

test('announce: how it was adopted', () => {
  const how = (before: Service): unknown =>
    serviceEvents(before, service(running)).map(([event]) => 'how' in event && event.how);
  assert.deepEqual(how(service(actuals.looking)), ['found']);
  assert.deepEqual(how(service(actuals.lookingAfterDeath)), ['moved']);
  assert.deepEqual(how(service(actuals.saidToRun)), ['found']);
  const givenUp = { tries: 0, interval: seconds(30) };
  assert.deepEqual(how(service(actuals.looking, { givenUp })), ['resumed']);
});

test('announce: what it was started with, and whether again', () => {
  const [[starting] = []] = serviceEvents(
    service(actuals.asked),
    service(actuals.launching, { spec: backgroundSpec() }),
  );
  assert.deepEqual(starting, { type: 'service.starting', command: '/etc/init.d/web start' });
  const [[started] = []] = serviceEvents(
    service(actuals.asked),
    service(actuals.probation, { inRow: 1 }),
  );
  assert.deepEqual(started, { type: 'service.started', pid: 100, again: true });
  const [[first] = []] = serviceEvents(service(actuals.asked), service(actuals.probation));
  assert.deepEqual(first, { type: 'service.started', pid: 100, again: false });
});

test('announce: the last failure of those that led to giving up', () => {
  const after = service(actuals.failedForGood, {
    spec: spec({ restart: { ...policy, retryInterval: null } }),
    failures: [later(-2), later(-1)],
    inRow: 1,
    lastProblem: problem,
  });
  const events = serviceEvents(service(actuals.asked, { lastProblem: problem }), after);
  assert.deepEqual(events, [
    [
      { type: 'service.failed', failures: 2, retry: 'restart', retryInMs: null, problem },
      'emergency',
    ],
  ]);
});

test('announce: services that come and go', () => {
  const added = [{ type: 'service.added' }, 'debug'];
  assert.deepEqual(serviceEvents(undefined, service(actuals.looking)), [added]);
  assert.deepEqual(serviceEvents(undefined, service(running)), [
    added,
    [{ type: 'service.adopted', pid: 100, how: 'found' }, 'info'],
  ]);
  assert.deepEqual(serviceEvents(service(running), undefined), [
    [{ type: 'service.forgotten', pid: 100 }, 'notice'],
  ]);
  assert.deepEqual(serviceEvents(service(actuals.stopped), undefined), [
    [{ type: 'service.forgotten', pid: null }, 'notice'],
  ]);
  assert.deepEqual(serviceEvents(undefined, undefined), []);
});

test('announce: of several warnings the new one', () => {
  const another = { ...problem, message: 'another' };
  const before = service(running, { warnings: [problem] });
  const after = service(running, { warnings: [problem, another] });
  assert.deepEqual(serviceEvents(before, after), [
    [{ type: 'service.warned', problem: another }, 'warning'],
  ]);
});

test('announce: what a table left out is not made up', () => {
  const after = service(actuals.failed, { givenUp: null, inRow: 1 });
  const [[failed] = []] = serviceEvents(service(actuals.asked), after);
  assert.ok(failed?.type === 'service.failed');
  assert.equal(failed.retryInMs, null);
  const before = service(actuals.asked, { givenUp: { tries: 5, interval: seconds(30) } });
  const [[again] = []] = serviceEvents(before, after);
  assert.deepEqual(again, { type: 'service.retry-failed', tries: 0, retryInMs: null });
});
