import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCode, worse } from '../../../src/cli/exit-code.js';
import { isAsWanted, lateText, outcomeOf, patienceMs, runs } from '../../../src/cli/verdict.js';
import type { ServiceDetail } from '../../../src/core/status.js';
import { aService } from '../../helpers/fake-daemon.js';

const earlier = '2026-03-01T11:00:00.000Z';
const is = (changes: Partial<ServiceDetail>): ServiceDetail => aService('cron', changes);
const was = (changes: Partial<ServiceDetail>): ServiceDetail => is({ since: earlier, ...changes });

test('runs and isAsWanted', () => {
  assert.equal(runs(is({ state: 'running' })), true);
  assert.equal(runs(is({ state: 'probation' })), true);
  for (const state of [
    'stopped',
    'spawning',
    'starting',
    'stopping',
    'backoff',
    'failed',
  ] as const) {
    assert.equal(runs(is({ state })), false);
    assert.equal(isAsWanted(is({ state })), false);
    assert.equal(isAsWanted(is({ state, desired: 'down' })), true);
    assert.equal(isAsWanted(is({ state, desired: 'unmonitored' })), true);
  }
});

test('start: running is done, failed since then is no, the rest is pending', () => {
  const stopped = was({ state: 'stopped', pid: null });
  const given = (changes: Partial<ServiceDetail>, before = stopped) =>
    outcomeOf('start', before, is(changes));
  assert.deepEqual(given({ pid: 5 }), { type: 'done', text: 'cron: running, pid 5' });
  for (const state of ['stopped', 'spawning', 'starting', 'probation', 'backoff'] as const) {
    assert.equal(given({ state }).type, 'pending', state);
  }
  assert.deepEqual(given({ state: 'failed', reason: 'exit status 1' }), {
    type: 'no',
    text: 'cron: failed: exit status 1',
  });
  // It had failed before and nothing has moved yet.
  const failed = was({ state: 'failed', pid: null });
  assert.equal(outcomeOf('start', failed, failed).type, 'pending');
  assert.equal(given({ state: 'failed' }, failed).type, 'no');
  // It ran already.
  assert.equal(outcomeOf('start', was({}), was({})).type, 'done');
});

test('start and restart end when somebody wants something else', () => {
  const before = was({});
  assert.deepEqual(outcomeOf('restart', before, is({ desired: 'down', desiredBy: 'operator' })), {
    type: 'no',
    text: 'cron: down by operator meanwhile',
  });
  assert.equal(outcomeOf('start', before, is({ desired: 'unmonitored' })).type, 'no');
});

test('restart: the old life is no answer', () => {
  assert.equal(outcomeOf('restart', was({}), was({})).type, 'pending');
  assert.equal(outcomeOf('restart', was({}), was({ pid: 5 })).type, 'done');
  assert.equal(outcomeOf('restart', was({}), is({})).type, 'done');
  assert.equal(outcomeOf('restart', was({}), is({ state: 'stopping' })).type, 'pending');
});

test('stop: stopped is done, unless several match or it is wanted up again', () => {
  const now = (changes: Partial<ServiceDetail>) =>
    outcomeOf('stop', was({}), is({ desired: 'down', ...changes }));
  assert.deepEqual(now({ state: 'stopped' }), { type: 'done', text: 'cron: stopped' });
  assert.deepEqual(now({ state: 'stopped', ambiguous: [4, 5], reason: 'several' }), {
    type: 'no',
    text: 'cron: not stopped: several',
  });
  assert.equal(now({ state: 'stopping' }).type, 'pending');
  assert.deepEqual(now({ desired: 'up', desiredBy: 'operator' }), {
    type: 'no',
    text: 'cron: wanted up by operator meanwhile',
  });
});

test('reset has no outcome to wait for', () => {
  assert.equal(outcomeOf('reset', was({ state: 'failed' }), is({ state: 'failed' })).type, 'done');
});

test('patience follows the service’s own timeouts', () => {
  const service = is({ expectedMs: { start: 1000, stop: 200 } });
  assert.deepEqual(
    (['start', 'stop', 'restart'] as const).map((verb) => patienceMs(verb, service)),
    [11_000, 10_200, 11_200],
  );
  assert.equal(patienceMs('start', is({})), 41_000);
  assert.equal(
    lateText(is({ state: 'backoff', reason: 'r' }), 1500),
    'cron: still backoff after 2 s: r',
  );
});

test('the worse of two ends', () => {
  assert.equal(worse(exitCode.ok, exitCode.no), exitCode.no);
  assert.equal(worse(exitCode.refused, exitCode.no), exitCode.refused);
  assert.equal(worse(exitCode.ok, exitCode.ok), exitCode.ok);
});
