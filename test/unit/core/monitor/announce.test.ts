import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announce } from '../../../../src/core/monitor/announce.js';
import type { Monitor } from '../../../../src/core/monitor/monitor.js';
import type { Spec } from '../../../../src/core/service/spec.js';
import { sequence } from '../../../../src/core/units.js';
import { configured, monitor, take } from '../../../helpers/monitors.js';
import { actuals, service, spec, wall } from '../../../helpers/services.js';

const told = (before: Monitor, after: Monitor): readonly string[] =>
  announce(before, after, { wall, last: sequence(0), alarm: 'emergency' }).map(
    ({ message }) => message,
  );

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
