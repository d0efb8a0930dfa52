/** esmd is killed and respawned, at any moment and in any state. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Spec } from '../../../../src/core/service/spec.js';
import { inWords } from '../../../helpers/rows.js';
import { backgroundSpec, spec } from '../../../helpers/services.js';
import { Simulation } from '../../../helpers/simulation.js';
import { programOf } from '../../../helpers/world.js';

const definitions: Readonly<Record<string, Spec>> = {
  'in the foreground': spec({ stop: ['/bin/stop'] }),
  'in the background': backgroundSpec({ kill: 'process' }),
  'in the background, with its workers': backgroundSpec(),
  'without a pid file': backgroundSpec({ pidfile: null, stop: ['/bin/stop'] }),
};

/** How much of its last 50 ms the killed esmd had not written into its table. */
const losses = [0, 0.6];

/** Of something that takes a tenth of a second. */
const moments = Array.from({ length: 16 }, (_, i) => i * 8 + (i % 3));

/** What has been forked and is not the daemon yet can be seen only by sweeping it. */
const lifeOf = ({ kill }: Spec) => ({ takes: 40, appears: kill === 'group' ? 70 : 30 });

function slow(definition: Spec): Simulation {
  const simulation = new Simulation(definition);
  simulation.latencies = [4];
  const program = programOf(definition);
  simulation.world.lives.set(program, [{ ...lifeOf(definition), ignoresTerm: true }]);
  simulation.world.stops.set(program, [{ takes: 30 }]);
  return simulation.begin();
}

const mains = ({ world }: Simulation, definition: Spec): number =>
  world.alive(programOf(definition)).filter(({ role }) => role === 'main').length;

for (const [kind, definition] of Object.entries(definitions)) {
  test(`respawned at any moment of a start, ${kind}: one copy, and no failure`, () => {
    for (const lost of losses) {
      for (const moment of moments) {
        const simulation = slow(definition);
        simulation.run(moment);
        simulation.respawn(lost);
        simulation.run(60_000);
        const { actual, inRow } = simulation.service();
        assert.deepEqual([actual.state, inRow], ['running', 0], `after ${moment} ms`);
        assert.equal(mains(simulation, definition), 1);
      }
    }
  });

  test(`respawned at any moment of a restart after a death, ${kind}: one copy`, () => {
    for (const lost of losses) {
      for (const moment of moments) {
        const simulation = slow(definition);
        simulation.run(5000);
        simulation.world.lives.set(programOf(definition), [lifeOf(definition)]);
        simulation.world.kill(programOf(definition));
        simulation.run(moment);
        simulation.respawn(lost);
        simulation.run(60_000);
        assert.equal(simulation.service().actual.state, 'running', `after ${moment} ms`);
        assert.equal(mains(simulation, definition), 1);
      }
    }
  });

  test(`respawned at any moment of a stop, ${kind}: it is stopped`, () => {
    for (const moment of moments) {
      const simulation = slow(definition);
      simulation.run(5000);
      simulation.ask('stop');
      simulation.run(moment);
      simulation.respawn();
      simulation.run(60_000);
      assert.equal(simulation.service().actual.state, 'stopped', `after ${moment} ms`);
      assert.equal(mains(simulation, definition), 0);
    }
  });

  test(`respawned at any moment of a stop that came during a start, ${kind}: it is stopped`, () => {
    for (const moment of moments) {
      const simulation = slow(definition);
      simulation.run(30);
      simulation.ask('stop');
      simulation.run(moment);
      simulation.respawn();
      simulation.run(60_000);
      assert.equal(simulation.service().actual.state, 'stopped', `after ${moment} ms`);
    }
  });

  test(`respawned while the machine has it, ${kind}: hands off`, () => {
    for (const moment of moments) {
      const simulation = slow(definition);
      simulation.run(moment);
      simulation.state('run', { web: 'stopping' });
      simulation.respawn();
      simulation.run(600_000);
      const words = inWords(simulation.service().actual);
      assert.ok(['running', 'stopped'].includes(words), `${words} after ${moment} ms`);
      assert.equal(simulation.service().restarts, 0);
    }
  });
}
