import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Spec } from '../../../../src/core/service/spec.js';
import { inWords } from '../../../helpers/rows.js';
import { backgroundSpec, policy, spec } from '../../../helpers/services.js';
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

test('a requirement that does not live is waited for, and nothing is counted', () => {
  const db = spec({ name: 'db' });
  const simulation = new Simulation(spec({ requires: ['db'] }), db);
  simulation.world.lives.set(
    programOf(db),
    Array.from({ length: 8 }, () => ({ spawn: 'missing' })),
  );
  simulation.begin().run(60_000);
  assert.equal(stateOf(simulation), 'stopped (waits)');
  assert.equal(simulation.service().inRow, 0);
  assert.deepEqual(simulation.told(), ['added', 'waiting']);
  simulation.run(600_000);
  assert.deepEqual(simulation.told(), ['added', 'waiting', 'started']);
});

test('the end of a requirement leaves its dependents running', () => {
  const simulation = running(spec({ requires: ['db'] }), spec({ name: 'db' }));
  simulation.ask('stop', 'db');
  simulation.run(60_000);
  assert.deepEqual([stateOf(simulation, 'db'), stateOf(simulation)], ['stopped', 'running']);
});

test('a dependent that dies meanwhile waits for its requirement', () => {
  const simulation = running(spec({ requires: ['db'] }), spec({ name: 'db' }));
  simulation.ask('stop', 'db');
  simulation.run(100);
  simulation.world.kill(programOf(web));
  simulation.run(1000);
  assert.equal(stateOf(simulation), 'stopped (waits)');
  simulation.ask('start', 'db');
  simulation.run(2000);
  assert.equal(stateOf(simulation), 'running');
});

test('after: what is due at once starts in order, each once the one before lives', () => {
  const first = backgroundSpec({ name: 'first' });
  const names = ['third', 'second', 'first'];
  const simulation = new Simulation(
    spec({ name: 'third', after: ['second'] }),
    spec({ name: 'second', after: ['first'] }),
    first,
  );
  simulation.world.lives.set(programOf(first), [{ takes: 500, appears: 800 }]);
  simulation.begin().run(700);
  assert.deepEqual(
    names.map((name) => stateOf(simulation, name)),
    ['stopped (waits)', 'stopped (waits)', 'starting: appearing'],
  );
  simulation.run(1000);
  const started = simulation.events.filter(({ body }) => body.type === 'service.started');
  assert.deepEqual(
    started.map(({ service }) => service),
    ['first', 'second', 'third'],
  );
});

test('after: a start that hangs is not waited for for ever', () => {
  const first = backgroundSpec({ name: 'first' });
  const simulation = new Simulation(spec({ after: ['first'] }), first);
  simulation.world.lives.set(programOf(first), [{ takes: Infinity, appears: null }]);
  simulation.begin().run(30_500);
  assert.equal(stateOf(simulation), 'probation');
});

test('after: one that has failed, or is not to run, is not waited for', () => {
  const first = spec({ name: 'first' });
  const simulation = new Simulation(spec({ after: ['first'] }), first);
  simulation.state('run', { first: 'down' });
  simulation.begin().run(2000);
  assert.equal(stateOf(simulation), 'running');
});

test('boot: only the named are monitored; run: all; shutdown: none, and nothing is touched', () => {
  const simulation = new Simulation(web, spec({ name: 'db' }));
  simulation.state('boot');
  simulation.begin().run(60_000);
  assert.deepEqual([stateOf(simulation), stateOf(simulation, 'db')], ['stopped', 'stopped']);
  simulation.world.startByHand(web);
  simulation.state('boot', { web: 'up' });
  simulation.run(5000);
  assert.deepEqual([stateOf(simulation), stateOf(simulation, 'db')], ['running', 'stopped']);
  simulation.state('run', { web: 'up' });
  simulation.run(5000);
  assert.equal(stateOf(simulation, 'db'), 'running');
  simulation.state('shutdown');
  simulation.world.killAll('us');
  simulation.world.killAll('hand');
  simulation.run(60_000);
  assert.deepEqual([stateOf(simulation), stateOf(simulation, 'db')], ['stopped', 'stopped']);
  const ends = simulation.events.filter(({ body }) => body.type === 'service.exited');
  assert.deepEqual(
    ends.map(({ severity }) => severity),
    ['notice', 'notice'],
  );
});

test('started NAME before the daemon is there: it is waited for, and not started twice', () => {
  const simulation = running(daemon);
  simulation.state('run', { web: 'stopping' });
  simulation.world.terminate(programOf(daemon));
  simulation.run(10_000);
  simulation.state('run', { web: 'up' });
  simulation.run(20_000);
  assert.equal(stateOf(simulation), 'starting: appearing (said to run)');
  simulation.world.startByHand(daemon);
  simulation.run(0);
  assert.equal(stateOf(simulation), 'running');
  assert.equal(simulation.world.main(programOf(daemon))?.by, 'hand');
});

test('started NAME and nobody starts it: after start_timeout we do', () => {
  const simulation = running(daemon);
  simulation.state('run', { web: 'down' });
  simulation.world.terminate(programOf(daemon));
  simulation.run(10_000);
  simulation.state('run', { web: 'up' });
  simulation.run(40_000);
  assert.equal(stateOf(simulation), 'running');
  assert.equal(simulation.world.main(programOf(daemon))?.by, 'us');
});

test('started NAME restated ends an operator stop', () => {
  const simulation = running(daemon);
  simulation.state('run', { web: 'up' });
  simulation.ask('stop');
  simulation.run(60_000);
  assert.equal(stateOf(simulation), 'stopped');
  simulation.world.startByHand(daemon);
  simulation.state('run', { web: 'up' });
  simulation.run(1000);
  assert.equal(stateOf(simulation), 'running');
});

test('an operator stop survives respawn, HUP and mode changes, not a boot', () => {
  const simulation = running(web);
  simulation.ask('stop');
  simulation.run(1000);
  simulation.respawn();
  simulation.reload(web);
  simulation.state('shutdown');
  simulation.state('run');
  simulation.run(60_000);
  assert.deepEqual([stateOf(simulation), simulation.service().desired], ['stopped', 'down']);
  simulation.state('boot');
  simulation.state('run');
  simulation.run(5000);
  assert.equal(stateOf(simulation), 'running');
});

test('continued: a daemon that died meanwhile is restarted once', () => {
  const simulation = running(web);
  simulation.pause(60_000, () => {
    simulation.world.kill(programOf(web));
  });
  simulation.run(2000);
  assert.equal(stateOf(simulation), 'running');
  assert.equal(simulation.service().restarts, 1);
});

test('continued: one that was restarted by hand is adopted, and that is no failure', () => {
  const simulation = running(web);
  simulation.pause(60_000, () => {
    simulation.world.kill(programOf(web));
    simulation.world.startByHand(web);
  });
  simulation.run(0);
  assert.equal(stateOf(simulation), 'running');
  const { restarts, inRow } = simulation.service();
  assert.deepEqual([restarts, inRow, simulation.told().at(-1)], [0, 0, 'adopted']);
});

test('continued: running deadlines have their full time again', () => {
  const simulation = new Simulation(daemon);
  simulation.world.lives.set(programOf(daemon), [{ takes: 50_000 }]);
  simulation.begin().run(25_000);
  simulation.pause(10_000);
  simulation.run(20_000);
  assert.notEqual(stateOf(simulation), 'starting: appearing (last look)');
  assert.deepEqual([stateOf(simulation), simulation.service().inRow], ['running', 0]);
});

test('an upgrade in place is followed by the pid file, and is no failure', () => {
  const simulation = running(daemon);
  simulation.world.move(daemon);
  simulation.run(0);
  assert.equal(stateOf(simulation), 'running');
  assert.equal(simulation.service().inRow, 0);
  // How a stranger ended is known last.
  assert.deepEqual(simulation.told().slice(-2), ['adopted', 'exited']);
});

test('renamed by a reload, a service is taken over with its process', () => {
  const simulation = running(web);
  const before = pidOf(simulation);
  simulation.reload({ ...web, name: 'www' });
  simulation.run(60_000);
  assert.deepEqual([stateOf(simulation, 'www'), pidOf(simulation)], ['running', before]);
  simulation.world.kill(programOf(web));
  simulation.run(0);
  assert.equal(stateOf(simulation, 'www'), 'probation');
});

test('removed by a reload, a service is forgotten and left running', () => {
  const simulation = running(web);
  simulation.reload();
  assert.deepEqual([simulation.monitor.services.size, simulation.told().at(-1)], [0, 'forgotten']);
  simulation.world.kill(programOf(web));
  simulation.run(60_000);
  assert.equal(pidOf(simulation), 0);
});

test('many services that fail at once: each is announced once', () => {
  const specs = Array.from({ length: 50 }, (_, i) => spec({ name: `s${i}` }));
  const simulation = new Simulation(...specs);
  for (const each of specs) {
    simulation.world.lives.set(
      programOf(each),
      Array.from({ length: 6 }, () => ({ spawn: 'missing' })),
    );
  }
  simulation.begin().run(20_000);
  const failed = simulation.events.filter(({ body }) => body.type === 'service.failed');
  assert.equal(failed.length, 50);
  assert.equal(new Set(failed.map(({ service }) => service)).size, 50);
});

test('a daemon restarted by hand during back-off is adopted, and its row ends with probation', () => {
  const simulation = new Simulation(spec({ restart: { ...policy, delay: policy.delayMax } }));
  simulation.world.lives.set(programOf(web), [{ lives: 10 }, { lives: 10 }]);
  simulation.begin().run(100);
  assert.equal(stateOf(simulation), 'backoff');
  simulation.world.startByHand(web);
  simulation.run(10_000);
  assert.deepEqual([stateOf(simulation), simulation.told().at(-1)], ['probation', 'adopted']);
  simulation.run(2000);
  assert.deepEqual([stateOf(simulation), simulation.service().inRow], ['running', 0]);
});

for (const [how, halt] of [
  ['an operator stops it', (simulation) => simulation.ask('stop')],
  [
    'its init script stops it',
    (simulation) => {
      simulation.state('run', { web: 'stopping' });
      simulation.world.kill(programOf(web));
    },
  ],
] as readonly (readonly [string, (simulation: Simulation) => void])[]) {
  test(`an adopted daemon ends and no kernel tells how: said within a second; ${how}`, () => {
    const simulation = new Simulation(web);
    simulation.tellsStatus = false;
    simulation.world.startByHand(web);
    simulation.begin().run(5000);
    halt(simulation);
    assert.ok(simulation.until(() => stateOf(simulation) === 'stopped', 1000));
    simulation.run(1000);
    const end = simulation.events.find(({ body }) => body.type === 'service.exited');
    assert.match(end?.message ?? 'nothing', /exit status unknown/);
  });
}

test('an adopted daemon ends before its stop command: how is told when the kernel knows', () => {
  const definition = spec({ stop: ['/bin/stop'] });
  const simulation = new Simulation(definition);
  simulation.world.stops.set(programOf(definition), [{ takes: 5000 }]);
  simulation.world.startByHand(definition);
  simulation.begin().run(5000);
  simulation.ask('stop');
  simulation.run(3000);
  simulation.latencies = [0, 100];
  simulation.world.kill(programOf(definition));
  simulation.run(10_000);
  const end = simulation.events.find(({ body }) => body.type === 'service.exited');
  assert.match(end?.message ?? 'nothing', /SIGKILL/);
});
