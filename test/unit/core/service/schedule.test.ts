import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reason } from '../../../../src/core/service/describe.js';
import type { Spec } from '../../../../src/core/service/spec.js';
import { instant, seconds } from '../../../../src/core/units.js';
import { backgroundSpec, policy, spec } from '../../../helpers/services.js';
import { Simulation } from '../../../helpers/simulation.js';
import type { Life } from '../../../helpers/world.js';
import { programOf } from '../../../helpers/world.js';

function simulate(definition: Spec, lives: readonly Life[] = []): Simulation {
  const simulation = new Simulation(definition);
  simulation.world.lives.set(programOf(definition), [...lives]);
  return simulation.begin();
}

const times = (n: number, life: Life): readonly Life[] => Array.from({ length: n }, () => life);
const crashes = (n: number): readonly Life[] => times(n, { lives: 20 });

/** When the events of one type came, in milliseconds since the simulation began. */
const moments = ({ events }: Simulation, type: string): readonly number[] =>
  events.filter(({ body }) => body.type === type).map(({ at }) => at - 1_700_000_000_000);

/** The milliseconds between each of them and the next. */
const gaps = (all: readonly number[]): readonly number[] =>
  all.slice(1).map((at, i) => at - (all[i] ?? 0));

const severities = ({ events }: Simulation, type: string): readonly string[] =>
  events.filter(({ body }) => body.type === type).map(({ severity }) => severity);

test('a healthy service is started once and runs all day', () => {
  const simulation = simulate(spec());
  simulation.run(86_400_000);
  assert.equal(simulation.service().actual.state, 'running');
  assert.deepEqual(simulation.told(), ['added', 'started']);
});

test('a day in which it dies every five minutes: always restarted at once', () => {
  const simulation = simulate(spec(), times(287, { lives: 300_000 }));
  simulation.run(86_400_000);
  assert.equal(simulation.service().restarts, 287);
  assert.deepEqual(new Set(gaps(moments(simulation, 'service.started'))), new Set([300_000]));
  assert.deepEqual(moments(simulation, 'service.backoff'), []);
});

test('a crash loop: no delay, then 100 ms doubling, the sixth failure gives up, loudly', () => {
  const simulation = simulate(spec(), crashes(6));
  simulation.run(29_000);
  assert.deepEqual(gaps(moments(simulation, 'service.started')), [20, 120, 220, 420, 820]);
  assert.deepEqual(severities(simulation, 'service.failed'), ['emergency']);
  assert.equal(simulation.service().actual.state, 'failed');
});

test('back-off grows to ten seconds and no further', () => {
  const patient = spec({ restart: { ...policy, limit: 100 } });
  const simulation = simulate(patient, crashes(12));
  simulation.run(300_000);
  const waits = gaps(moments(simulation, 'service.started')).map((gap) => gap - 20);
  assert.deepEqual(
    waits,
    [0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000],
  );
});

test('a survived probation lets the delay start anew, and the window still counts', () => {
  const simulation = simulate(spec(), [...crashes(3), { lives: 1500 }, ...crashes(2)]);
  simulation.run(20_000);
  assert.deepEqual(gaps(moments(simulation, 'service.started')), [20, 120, 220, 1500, 120]);
  assert.equal(simulation.service().actual.state, 'failed');
});

test('deaths far enough apart are never too many', () => {
  const simulation = simulate(spec(), times(40, { lives: 12_500 }));
  simulation.run(600_000);
  assert.deepEqual(simulation.told().includes('failed'), false);
  assert.equal(simulation.service().restarts, 40);
});

test('a missing executable is a failure, and the message names it', () => {
  const simulation = simulate(spec(), times(6, { spawn: 'missing' }));
  simulation.run(29_000);
  const failed = simulation.events.find(({ body }) => body.type === 'service.failed');
  assert.match(failed?.message ?? '', /^"web" has failed .*\(6 failures\): Cannot do it; next try/);
});

test('restart: tries at growing intervals, with warnings, and says nothing loud again', () => {
  const simulation = simulate(spec(), times(1000, { spawn: 'missing' }));
  simulation.run(3_600_000);
  const [failed = 0] = moments(simulation, 'service.failed');
  const tries = moments(simulation, 'service.retry-failed');
  assert.deepEqual(
    gaps([failed, ...tries]).slice(0, 7),
    [30_000, 60_000, 120_000, 240_000, 300_000, 300_000, 300_000],
  );
  assert.deepEqual(new Set(severities(simulation, 'service.retry-failed')), new Set(['warning']));
  assert.equal(moments(simulation, 'service.failed').length, 1);
});

test('restart: a try that survives its probation clears everything', () => {
  const simulation = simulate(spec(), times(8, { spawn: 'missing' }));
  simulation.run(600_000);
  const { actual, failures, inRow, givenUp, lastProblem } = simulation.service();
  assert.deepEqual(
    [actual.state, failures, inRow, givenUp, lastProblem],
    ['running', [], 0, null, null],
  );
  assert.deepEqual(simulation.told().slice(-2), ['started', 'resumed']);
  assert.deepEqual(severities(simulation, 'service.resumed'), ['info']);
});

test('resume: only looks, says nothing, and takes up what an administrator has repaired', () => {
  const definition = backgroundSpec();
  const simulation = simulate(definition, times(6, { code: 1, appears: null }));
  simulation.run(3_600_000);
  assert.equal(simulation.service().actual.state, 'failed');
  const before = simulation.events.length;
  simulation.run(3_600_000);
  assert.equal(simulation.events.length, before, 'watching says nothing');
  simulation.world.startByHand(definition);
  simulation.run(30_000);
  const { actual, failures, inRow, givenUp } = simulation.service();
  assert.deepEqual([actual.state, failures, inRow, givenUp], ['running', [], 0, null]);
  assert.deepEqual(simulation.told().slice(-1), ['adopted']);
  assert.equal(
    simulation.events.at(-1)?.message,
    `"web" runs again: monitoring resumed, pid ${simulation.world.main(programOf(definition))?.identity.pid ?? 0}`,
  );
});

test('an interval of 0 s: given up for good, until somebody asks', () => {
  const definition = spec({ restart: { ...policy, retryInterval: null } });
  const simulation = simulate(definition, crashes(6));
  simulation.run(86_400_000);
  assert.deepEqual(simulation.service().actual, { state: 'failed', deadline: null });
  simulation.reload(definition);
  simulation.run(1000);
  assert.equal(simulation.service().actual.state, 'running');
});

test('a lack of resources is never counted, waited out for ever, and one alert', () => {
  const simulation = simulate(spec(), times(100, { spawn: 'shortage' }));
  simulation.run(86_400_000);
  assert.deepEqual(severities(simulation, 'service.shortage'), ['alert']);
  const { actual, failures, shortages } = simulation.service();
  assert.deepEqual([actual.state, failures, shortages], ['running', [], 0]);
  assert.deepEqual(simulation.told().includes('failed'), false);
});

test('a lack of resources that is over is no reason for what fails after it', () => {
  const lives = [{ spawn: 'shortage' } as const, ...times(5, { code: 1, appears: null })];
  const simulation = simulate(backgroundSpec(), lives);
  simulation.until(() => simulation.service().inRow > 2, 60_000);
  const service = simulation.service();
  assert.equal(service.actual.state, 'backoff');
  assert.match(reason(service, instant(simulation.now)), /exit status 1; next start in/);
});

test('an operator is never rate-limited: fifty restarts in a row, and nothing is counted', () => {
  const simulation = simulate(spec());
  for (let i = 0; i < 50; i += 1) {
    simulation.ask('restart');
    simulation.run(10);
  }
  simulation.run(1000);
  const { actual, failures, inRow } = simulation.service();
  assert.deepEqual([actual.state, failures, inRow], ['running', [], 0]);
});

test('an operator ends back-off and failure at once', () => {
  for (const verb of ['start', 'restart', 'reset'] as const) {
    const simulation = simulate(spec(), crashes(6));
    simulation.run(29_000);
    simulation.ask(verb);
    simulation.run(0);
    assert.equal(simulation.service().actual.state, 'probation');
  }
});

test('HUP ends back-off and failure at once, bounces nothing, undoes no stop', () => {
  const failing = spec({ name: 'failing', restart: { ...policy, delay: seconds(5) } });
  const waiting = { ...failing, name: 'waiting', launch: spec({ name: 'waiting' }).launch };
  const simulation = new Simulation(spec(), failing, waiting, spec({ name: 'halted' }));
  simulation.world.lives.set(programOf(failing), [...times(6, { spawn: 'missing' })]);
  simulation.begin();
  simulation.ask('stop', 'halted');
  simulation.run(60_000);
  simulation.world.lives.set(programOf(waiting), [{ lives: 10 }]);
  simulation.world.kill(programOf(waiting));
  simulation.run(100);
  const { actual } = simulation.service();
  assert.equal(simulation.service('failing').actual.state, 'failed');
  assert.equal(simulation.service('waiting').actual.state, 'backoff');
  simulation.reload(...simulation.specs);
  simulation.run(0);
  assert.equal(simulation.service('failing').actual.state, 'probation');
  assert.equal(simulation.service('waiting').actual.state, 'probation');
  assert.equal(simulation.service().actual, actual);
  assert.equal(simulation.service('halted').actual.state, 'stopped');
});
