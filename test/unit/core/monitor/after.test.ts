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
