import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceEvents } from '../../../../src/core/monitor/announce-service.js';
import type { End, Service } from '../../../../src/core/service/record.js';
import {
  actuals,
  code,
  killed,
  main,
  process,
  service,
  stranger,
  wall,
} from '../../../helpers/services.js';

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
