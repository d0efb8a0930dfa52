import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Spec } from '../../../../src/core/service/spec.js';
import { inWords } from '../../../helpers/rows.js';
import { backgroundSpec, spec } from '../../../helpers/services.js';
import { Simulation } from '../../../helpers/simulation.js';
import { programOf } from '../../../helpers/world.js';

const web = spec();
const daemon = backgroundSpec();
const stateOf = (simulation: Simulation, name = 'web'): string =>
  inWords(simulation.service(name).actual);
const pidOf = (simulation: Simulation, definition = web): number =>
  simulation.world.main(programOf(definition))?.identity.pid ?? 0;

function running(...specs: readonly Spec[]): Simulation {
  const simulation = new Simulation(...specs).begin();
  simulation.run(5000);
  return simulation;
}

test('a worker that outlives its daemon is never taken for it', () => {
  const simulation = new Simulation(daemon);
  const crash = { lives: 2000, workers: 1 };
  simulation.world.lives.set(
    programOf(daemon),
    Array.from({ length: 6 }, () => crash),
  );
  simulation.begin().run(600_000);
  assert.equal(simulation.service().actual.state, 'failed');
  assert.deepEqual(simulation.world.alive(programOf(daemon)), []);
});

test('kill = "process": a restart leaves the children and is not confused by them', () => {
  const sshd = spec({ kill: 'process' });
  const simulation = new Simulation(sshd);
  simulation.world.lives.set(programOf(sshd), [{ workers: 2 }]);
  simulation.begin().run(5000);
  const before = pidOf(simulation);
  simulation.ask('restart');
  simulation.run(5000);
  assert.equal(stateOf(simulation), 'running');
  assert.notEqual(pidOf(simulation), before);
  assert.equal(simulation.world.alive(programOf(sshd)).length, 3);
});

test('a daemon that ignores TERM is killed, one that cannot be is said once', () => {
  const simulation = new Simulation(web);
  simulation.world.lives.set(programOf(web), [
    { ignoresTerm: true },
    { unkillable: true, ignoresTerm: true },
  ]);
  simulation.begin().run(5000);
  simulation.ask('restart');
  simulation.run(15_000);
  assert.equal(stateOf(simulation), 'running');
  simulation.ask('stop');
  simulation.run(86_400_000);
  assert.equal(stateOf(simulation), 'stopping: signalling');
  assert.deepEqual(
    simulation.told().filter((type) => type === 'unkillable'),
    ['unkillable'],
  );
});

test('a start command that fails although the daemon runs is a success with a warning', () => {
  const simulation = new Simulation(daemon);
  simulation.world.lives.set(programOf(daemon), [{ takes: 20, code: 1, appears: 10 }]);
  simulation.begin().run(5000);
  assert.deepEqual(simulation.told(), ['added', 'starting', 'warned', 'started']);
  assert.equal(simulation.service().inRow, 0);
});

test('a start command that leaves nothing is a failure once start_timeout is over', () => {
  const simulation = new Simulation(daemon);
  simulation.world.lives.set(programOf(daemon), [{ appears: null }]);
  simulation.begin().run(60_000);
  assert.equal(stateOf(simulation), 'running');
  assert.deepEqual(simulation.told(), ['added', 'starting', 'start-failed', 'starting', 'started']);
});

test('a start command that hangs is killed, and that is a failure after start_timeout', () => {
  const simulation = new Simulation(daemon);
  simulation.world.lives.set(programOf(daemon), [{ takes: Infinity, appears: null }]);
  simulation.begin().run(30_200);
  assert.equal(simulation.service().inRow, 1);
  const problem = simulation.events.find(({ body }) => body.type === 'service.start-failed');
  assert.match(problem?.message ?? '', /its start command was still running after 30 s/);
  simulation.run(2000);
  assert.equal(stateOf(simulation), 'running');
});

test('a stop command that hangs is killed, and the daemon with signals', () => {
  const definition = spec({ stop: ['/bin/stop'] });
  const simulation = running(definition);
  simulation.world.stops.set(programOf(definition), [{ takes: Infinity }]);
  simulation.ask('stop');
  simulation.run(11_000);
  assert.equal(stateOf(simulation), 'stopped');
  assert.deepEqual(simulation.world.alive(programOf(definition)), []);
});
