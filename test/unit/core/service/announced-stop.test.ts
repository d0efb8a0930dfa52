/** A planned stop that was announced and does not come to an end is said, once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusOf } from '../../../../src/core/monitor/status.js';
import { instant, seconds, wallClock } from '../../../../src/core/units.js';
import { spec } from '../../../helpers/services.js';
import { Simulation } from '../../../helpers/simulation.js';

const message =
  'Cannot monitor "web": the state file has said "daemon web stopping" for more than 70 s';

const begun = (stopTimeout = seconds(10)): Simulation =>
  new Simulation(spec({ stopTimeout }), spec({ name: 'other' })).begin();

const warned = (simulation: Simulation): number =>
  simulation.told().filter((word) => word === 'warned').length;

const warningsIn = ({ monitor, now }: Simulation): readonly string[] => {
  const self = { pid: 1, since: wallClock(0), configDiffers: false };
  const status = statusOf(monitor, { ...self, now: instant(now), wall: wallClock(now) });
  return status.services.flatMap(({ warnings }) => warnings);
};

test('"stopping" is a warning once it is older than stop_timeout and 60 s', () => {
  const simulation = begun();
  simulation.state('run', { web: 'stopping' });
  simulation.run(69_999);
  assert.deepEqual([warned(simulation), warningsIn(simulation)], [0, []]);
  simulation.run(1);
  const last = simulation.events.at(-1);
  assert.ok(last?.body.type === 'service.warned');
  assert.equal(last.severity, 'warning');
  assert.equal(last.body.problem.message, message);
  assert.equal(last.body.problem.code, 'ESM_STATE_STOPPING');
  assert.match(warningsIn(simulation).join(), /stopping" for more than 70 s/);
  // Whatever is written about others, and however long it lasts.
  simulation.state('run', { web: 'stopping', other: 'down' });
  simulation.run(10_000_000);
  assert.equal(warned(simulation), 1);
});

test('it takes as long as the service may take to stop', () => {
  const simulation = begun(seconds(300));
  simulation.state('run', { web: 'stopping' });
  simulation.run(359_999);
  assert.equal(warned(simulation), 0);
  simulation.run(1);
  assert.equal(warned(simulation), 1);
});

for (const word of ['down', 'up', undefined] as const) {
  test(`what follows in time ends it, and what follows late takes the warning away: ${word ?? 'no line'}`, () => {
    const simulation = begun();
    const next = word === undefined ? {} : { web: word };
    simulation.state('run', { web: 'stopping' });
    simulation.run(60_000);
    simulation.state('run', next);
    simulation.run(600_000);
    assert.equal(warned(simulation), 0);
    // A new statement has its full time, and is said again.
    for (const times of [1, 2]) {
      simulation.state('run', { web: 'stopping' });
      simulation.run(69_999);
      assert.equal(warned(simulation), times - 1);
      simulation.run(1);
      assert.equal(warned(simulation), times);
      simulation.state('run', next);
      assert.deepEqual(warningsIn(simulation), []);
    }
  });
}

test('an esmd that is stopped and continued gives it its full time again', () => {
  const simulation = begun();
  simulation.state('run', { web: 'stopping' });
  simulation.run(50_000);
  simulation.pause(3_600_000);
  simulation.run(69_999);
  assert.equal(warned(simulation), 0);
  simulation.run(1);
  simulation.pause(3_600_000);
  simulation.run(600_000);
  assert.equal(warned(simulation), 1);
});

test('its time goes on when esmd dies, and what was said is not said again', () => {
  const simulation = begun();
  simulation.state('run', { web: 'stopping' });
  simulation.run(50_000);
  simulation.respawn();
  simulation.run(19_999);
  assert.equal(warned(simulation), 0);
  simulation.run(1);
  assert.equal(warned(simulation), 1);
  simulation.respawn();
  simulation.run(600_000);
  assert.equal(warned(simulation), 1);
});

test('a service that is configured while it is said to be stopping is no exception', () => {
  const simulation = begun();
  simulation.state('run', { web: 'stopping', late: 'stopping' });
  simulation.run(30_000);
  simulation.reload(...simulation.specs, spec({ name: 'late' }));
  simulation.run(70_000);
  assert.ok(simulation.told('late').includes('warned'));
});
