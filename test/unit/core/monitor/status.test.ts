import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Self } from '../../../../src/core/monitor/status.js';
import { serviceDetail, serviceStatus, statusOf } from '../../../../src/core/monitor/status.js';
import { never } from '../../../../src/core/service/enter.js';
import type { Actual, Service } from '../../../../src/core/service/record.js';
import { wallClock } from '../../../../src/core/units.js';
import { configured, monitor, stateFile } from '../../../helpers/monitors.js';
import {
  actuals,
  backgroundSpec,
  code,
  down,
  killed,
  later,
  main,
  now,
  problem,
  service,
  spec,
  stranger,
  unmonitored,
} from '../../../helpers/services.js';

const wall = wallClock(Date.UTC(2026, 0, 2, 3, 4, 5));
const self: Self = { pid: 42, since: wallClock(0), configDiffers: true, now, wall };

const end = { process: main, at: wallClock(1000), status: code(3), expected: false } as const;

test('status: of esmd itself', () => {
  const { version, esmd, services } = statusOf(
    {
      ...monitor(service(actuals.running)),
      configProblems: [problem],
      stateFileProblem: { ...problem, message: 'Cannot read it' },
    },
    self,
  );
  assert.deepEqual([version, services.map(({ name }) => name)], [1, ['web']]);
  assert.deepEqual(esmd, {
    pid: 42,
    since: '1970-01-01T00:00:00.000Z',
    mode: 'run',
    configProblems: ['Cannot do it', 'Cannot read it'],
    configDiffers: true,
  });
  assert.equal(statusOf({ ...monitor(), stateFile: null }, self).esmd.mode, 'unknown');
  assert.deepEqual(statusOf(monitor(), self).esmd.configProblems, []);
});

test('status: of a service', () => {
  const given = service(actuals.backoff, { lastEnd: end, failures: [now], inRow: 1, restarts: 4 });
  assert.deepEqual(serviceStatus(given, self), {
    name: 'web',
    description: 'a test',
    category: 'test',
    desired: 'up',
    desiredBy: 'configuration',
    state: 'backoff',
    pid: null,
    since: '1970-01-01T00:00:00.000Z',
    restarts: 4,
    failures: 1,
    lastExit: { at: '1970-01-01T00:00:01.000Z', code: 3, signal: null },
    nextRetryAt: '2026-01-02T03:04:05.400Z',
    reason: 'ended once (exit status 3); next start in 400 ms',
    differs: false,
    warnings: [],
    ambiguous: [],
  });
});

test('status: failures that the window has left behind are not counted', () => {
  const failures = [later(-60_000), later(-59_999), now];
  assert.equal(serviceStatus(service(actuals.running, { failures }), self).failures, 2);
});

test('status: times that no calendar has are shown as the nearest that one has', () => {
  const far = { ...end, at: wallClock(-1e300) };
  const given = service(
    { state: 'failed', deadline: never },
    {
      sinceWall: wallClock(1e300),
      lastEnd: far,
    },
  );
  const { since, lastExit, nextRetryAt } = serviceStatus(given, self);
  assert.deepEqual(
    [since, lastExit?.at, nextRetryAt],
    ['+275760-09-13T00:00:00.000Z', '-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'],
  );
});

test('status: how it last ended', () => {
  const lastExit = (changes: Partial<typeof end> | object) =>
    serviceStatus(service(actuals.running, { lastEnd: { ...end, ...changes } }), self).lastExit;
  const at = '1970-01-01T00:00:01.000Z';
  assert.deepEqual(lastExit({ status: killed }), { at, code: null, signal: 'SIGKILL' });
  assert.deepEqual(lastExit({ status: { type: 'unknown' } }), { at, code: null, signal: null });
  assert.deepEqual(lastExit({ status: null }), { at, code: null, signal: null });
});

const pids: readonly (readonly [Actual, number | null])[] = [
  [actuals.stopped, null],
  [actuals.launching, null],
  [actuals.probation, 100],
  [actuals.running, 100],
  [actuals.asking, 100],
  [actuals.askingStill, null],
  [actuals.signalling, 100],
  [actuals.breakingOff, null],
  [actuals.stoppingLast, null],
  [actuals.failed, null],
];

test('status: the processes of which none is taken for the daemon', () => {
  const trouble = { type: 'ambiguous', pids: [main.pid, stranger.pid] } as const;
  assert.deepEqual(
    serviceStatus(service(actuals.backoff, { trouble }), self).ambiguous,
    [100, 300],
  );
});

test('status: the pid of the daemon, and never one of a command', () => {
  for (const [actual, pid] of pids) {
    assert.equal(serviceStatus(service(actual), self).pid, pid, actual.state);
  }
});

test('status: the next retry, if there is one', () => {
  const at = (actual: Actual) => serviceStatus(service(actual), self).nextRetryAt;
  assert.equal(at(actuals.failed), '2026-01-02T03:04:35.000Z');
  assert.deepEqual([actuals.failedForGood, actuals.probation, actuals.running].map(at), [
    null,
    null,
    null,
  ]);
});

test('detail: what only root sees, and who needs it', () => {
  const definition = backgroundSpec({ requires: ['db'], environment: { A: 'b' } });
  const before = monitor(
    service(actuals.running, { spec: definition }),
    service(actuals.running, { spec: spec({ name: 'db' }) }),
  );
  const web = serviceDetail(before, 'web', self);
  assert.deepEqual(web?.command, ['/etc/init.d/web', 'start']);
  assert.deepEqual([web.environment, web.requires, web.requiredBy], [{ A: 'b' }, ['db'], []]);
  const db = serviceDetail(before, 'db', self);
  assert.deepEqual([db?.command, db?.requiredBy], [['/usr/sbin/db'], ['web']]);
  assert.equal(serviceDetail(before, 'mail', self), null);
});

test('detail: a stop takes longer with a stop command', () => {
  const expected = (definition = spec()) =>
    serviceDetail(monitor(service(actuals.running, { spec: definition })), 'web', self)?.expectedMs;
  assert.deepEqual(expected(), { start: 31_000, stop: 10_000 });
  assert.deepEqual(expected(spec({ stop: ['/bin/stop'] })), { start: 31_000, stop: 20_000 });
});

const since = 'since 1970-01-01T00:00:00.000Z';
const unended = 'It has not ended since esmd knows it';
const neverRan = 'It has not run since esmd knows it';

/** The lines of `why` for one service. */
const why = (actual: Actual, changes: Partial<Service> = {}, statements = stateFile('run')) =>
  serviceDetail({ ...monitor(service(actual, changes)), stateFile: statements.file }, 'web', self)
    ?.why;

test('why: it runs', () => {
  assert.deepEqual(why(actuals.running), [
    'It is to run, by configuration',
    `It is running ${since}`,
    unended,
    'If it ends, it is restarted at once',
  ]);
});

test('why: it failed', () => {
  const changes = {
    lastEnd: end,
    lastProblem: problem,
    warnings: [{ ...problem, message: 'No log' }],
  };
  assert.deepEqual(why(actuals.failed, changes), [
    'It is to run, by configuration',
    `It is failed ${since}: Cannot do it; next try in 30 s`,
    'It last ended at 1970-01-01T00:00:01.000Z (pid 100): exit status 3',
    'Cannot do it',
    'Next at 2026-01-02T03:04:35.000Z: it is looked for, and started if it does not run',
    'No log',
  ]);
  assert.equal(
    why(actuals.failedForGood)?.at(-1),
    'Nothing happens until esmctl start, reset or SIGHUP',
  );
});

test('why: what comes next of one that failed is its policy', () => {
  assert.equal(
    why(actuals.failed, { spec: backgroundSpec() })?.at(-1),
    'Next at 2026-01-02T03:04:35.000Z: it is looked for, and monitored again if it runs',
  );
});

test('why: it is started again, but not while several match', () => {
  const at = 'Next at 2026-01-02T03:04:05.400Z';
  const trouble = { type: 'ambiguous', pids: [main.pid, stranger.pid] } as const;
  assert.equal(why(actuals.backoff)?.at(-1), `${at}: it is started again`);
  assert.deepEqual(why(actuals.backoff, { trouble })?.slice(-2), [
    unended,
    `${at}: it is looked for, and started if none matches any more`,
  ]);
});

test('why: it could never be run', () => {
  for (const actual of [actuals.backoff, actuals.failed, actuals.stopped, actuals.launching]) {
    assert.equal(why(actual, { lastProblem: problem })?.[2], neverRan, actual.state);
  }
  for (const actual of [actuals.probation, actuals.running, actuals.signalling]) {
    assert.equal(why(actual)?.[2], unended, actual.state);
  }
});

test('why: an operator stopped it', () => {
  const lastEnd = { ...end, status: null, expected: true };
  assert.deepEqual(why(actuals.stopped, { ...down, lastEnd }), [
    'It is not to run, by operator: esmctl start ends that',
    `It is stopped ${since}: stopped by an operator`,
    'It last ended at 1970-01-01T00:00:01.000Z (pid 100): exit status unknown, as it was meant to',
    'Nothing is due',
  ]);
});

test('why: an operator could not stop it, as nobody knows which it is', () => {
  const trouble = { type: 'ambiguous', pids: [main.pid, stranger.pid] } as const;
  assert.equal(
    why(actuals.stopped, { ...down, trouble })?.[1],
    `It is stopped ${since}: several processes match: 100, 300`,
  );
});

test('why: it is not monitored', () => {
  assert.deepEqual(why(actuals.running, unmonitored, stateFile('shutdown')), [
    'It is not monitored: the state file says "mode shutdown"',
    `It is running ${since}: not monitored (mode)`,
    unended,
    'Nothing is due',
  ]);
});

test('why: it is waited for, until its start has taken too long', () => {
  const next = 'Next at 2026-01-02T03:04:35.000Z: its start has taken too long';
  assert.equal(why(actuals.appearing)?.at(-1), next);
  assert.equal(why(actuals.launching)?.at(-1), next);
  assert.equal(why({ ...actuals.launching, deadline: never })?.at(-1), 'Nothing is due');
});

test('why: it differs, and requires others', () => {
  const changes = { launched: 'another', spec: spec({ requires: ['db'] }) };
  assert.deepEqual(why(actuals.running, changes)?.slice(-2), [
    'It runs with an older definition until its next start',
    'It requires db',
  ]);
});

test('status: services are in start order', () => {
  const specs = [spec({ name: 'a', after: ['b'] }), spec({ name: 'b' })];
  const before = monitor(...specs.map((each) => service(actuals.running, { spec: each })));
  assert.deepEqual(
    statusOf(before, self).services.map(({ name }) => name),
    configured(...specs).specs.map(({ name }) => name),
  );
});
