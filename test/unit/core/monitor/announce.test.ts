import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announce } from '../../../../src/core/monitor/announce.js';
import type { Monitor } from '../../../../src/core/monitor/monitor.js';
import { emptyMonitor } from '../../../../src/core/monitor/monitor.js';
import type { Spec } from '../../../../src/core/service/spec.js';
import { sequence } from '../../../../src/core/units.js';
import { configured, monitor, stateFile, take } from '../../../helpers/monitors.js';
import { actuals, problem, service, spec, wall } from '../../../helpers/services.js';

const told = (before: Monitor, after: Monitor): readonly string[] =>
  announce(before, after, { wall, last: sequence(0), alarm: 'emergency' }).map(
    ({ message }) => message,
  );

const severity = (before: Monitor, after: Monitor): unknown =>
  announce(before, after, { wall, last: sequence(0), alarm: 'emergency' })[0]?.severity;

function reload(...specs: readonly Spec[]): readonly string[] {
  const before = monitor(service(actuals.running));
  const [after] = take(before, configured(...specs));
  return told(before, after).filter((line) => line.startsWith('"'));
}

test('announce: a service under a new name says whose process it has', () => {
  assert.deepEqual(reload({ ...spec(), name: 'www' }), [
    '"web" was removed from the configuration',
    '"www" was added',
    '"www" was found running, pid 100',
  ]);
});

test('announce: a service that is gone leaves its process running', () => {
  assert.deepEqual(reload(), ['"web" was removed from the configuration: pid 100 is left running']);
});

const loud = (alarm: 'emergency' | 'alert') => {
  const before = monitor(service(actuals.backoff));
  const after = monitor(service(actuals.failed));
  return announce(before, after, { wall, last: sequence(41), alarm });
};

test('announce: giving up is an emergency, or an alert with -a', () => {
  const [event] = loud('emergency');
  assert.equal(event?.severity, 'emergency');
  assert.equal(loud('alert')[0]?.severity, 'alert');
  assert.deepEqual([event.sequence, event.at, event.service], [42, wall, 'web']);
});

test('announce: a step that changes nothing is no event', () => {
  const before = monitor(service(actuals.running));
  assert.deepEqual(told(before, take(before, { type: 'elapsed' })[0]), []);
});

test('announce: a change of mode is one event, whatever it means for services', () => {
  const before = monitor(service(actuals.running));
  const [after] = take(before, stateFile('shutdown'));
  assert.deepEqual(told(before, after), ['mode shutdown']);
  assert.deepEqual(told(after, take(after, stateFile('run'))[0]), ['mode run']);
  assert.deepEqual(told(before, take(before, stateFile('unknown'))[0]), []);
});

test('announce: a statement about one service is its event', () => {
  const before = monitor(service(actuals.running));
  const [after] = take(before, stateFile('run', { web: 'down' }));
  assert.deepEqual(told(before, after), ['"web" is not monitored (state file)']);
});

test('announce: what makes no sense in the state file is told once', () => {
  const before = monitor(service(actuals.running));
  const strange = stateFile('run', { mail: 'up' });
  const [after] = take(before, { ...strange, file: { ...strange.file, warnings: [problem] } });
  const lines = [
    'Cannot do it',
    'Cannot follow "daemon mail" in the state file: no such service is configured',
  ];
  assert.deepEqual(told(before, after), lines);
  const again = stateFile('run', { mail: 'up', ftp: 'up' });
  const [next] = take(after, { ...again, file: { ...again.file, warnings: [problem] } });
  assert.deepEqual(told(after, next), [lines[1]?.replace('mail', 'ftp')]);
  assert.equal(told({ ...before, stateFile: null }, after).length, 3);
});

test('announce: an unreadable state file is told once, and when it is readable again', () => {
  const before = monitor(service(actuals.running));
  const [after] = take(before, { type: 'state-file-problem', problem });
  assert.deepEqual(told(before, after), ['Cannot do it']);
  const [again] = take(after, { type: 'state-file-problem', problem: { ...problem } });
  assert.deepEqual(told(after, again), []);
  const [next] = take(again, stateFile('run'));
  assert.deepEqual(told(again, next), ['the state file is readable again']);
  assert.deepEqual([severity(before, after), severity(again, next)], ['warning', 'notice']);
  const [none] = take(emptyMonitor, { type: 'state-file-problem', problem });
  assert.deepEqual(told(emptyMonitor, none), ['Cannot do it']);
});

test('announce: a configuration with its problems, and a notice', () => {
  const before = monitor(service(actuals.running));
  const [after] = take(before, [
    { ...configured(spec()), problems: [problem] },
    { type: 'noticed', notice: { severity: 'error', message: 'the disk is full', problem } },
  ]);
  assert.deepEqual(told(before, after), [
    'Cannot do it',
    '1 service configured, with 1 problem',
    'the disk is full',
  ]);
});
