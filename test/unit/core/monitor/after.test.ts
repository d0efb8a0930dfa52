/** `after`: what counts as a start that is due. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords } from '../../../helpers/rows.js';
import { backgroundSpec, policy, spec } from '../../../helpers/services.js';
import { Simulation } from '../../../helpers/simulation.js';
import { programOf } from '../../../helpers/world.js';

const stateOf = (simulation: Simulation, name: string): string =>
  inWords(simulation.service(name).actual);

test('one that waits for a requirement under way is due, too; one whose requirement failed is not', () => {
  const base = backgroundSpec({ name: 'base', restart: { ...policy, limit: 0 } });
  const specs = [spec({ after: ['first'] }), spec({ name: 'first', requires: ['base'] }), base];
  const simulation = new Simulation(...specs);
  simulation.world.lives.set(programOf(base), [{ takes: 500, appears: 800 }]);
  simulation.begin().run(700);
  assert.equal(stateOf(simulation, 'web'), 'stopped (waits)');
  simulation.run(1000);
  const started = simulation.events.filter(({ body }) => body.type === 'service.started');
  assert.deepEqual(
    started.map(({ service }) => service),
    ['base', 'first', 'web'],
  );

  const failing = new Simulation(...specs);
  failing.world.lives.set(programOf(base), [{ takes: 500, appears: null, code: 1 }]);
  failing.begin().run(2500);
  assert.deepEqual(
    ['base', 'first', 'web'].map((name) => stateOf(failing, name)),
    ['failed', 'stopped (waits)', 'running'],
  );
});

test('however many ways lead from one to another, each is asked once', () => {
  // Forty layers of two that require both of the layer below: 2^40 ways.
  const layers = Array.from({ length: 40 }, (_, i) =>
    ['a', 'b'].map((side) =>
      spec({ name: `${side}${i}`, requires: i === 0 ? ['base'] : [`a${i - 1}`, `b${i - 1}`] }),
    ),
  ).flat();
  const base = backgroundSpec({ name: 'base' });
  const simulation = new Simulation(spec({ after: ['a39'] }), base, ...layers);
  simulation.begin();
  assert.equal(stateOf(simulation, 'web'), 'stopped (waits)');
  simulation.run(1000);
  assert.equal(stateOf(simulation, 'web'), 'probation');
});

test('it is waited for as long as its start_timeout, though its command takes part of another', () => {
  const first = backgroundSpec({ name: 'first' });
  const simulation = new Simulation(spec({ after: ['first'] }), first);
  simulation.world.lives.set(programOf(first), [{ takes: 20_000, appears: null }]);
  simulation.begin().run(29_500);
  assert.equal(stateOf(simulation, 'web'), 'stopped (waits)');
  simulation.run(1000);
  assert.equal(stateOf(simulation, 'web'), 'probation');
  assert.equal(stateOf(simulation, 'first'), 'starting: appearing');
});
