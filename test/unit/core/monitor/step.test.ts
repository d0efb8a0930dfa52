import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftOf, want } from '../../../../src/core/monitor/draft.js';
import { deadline, emptyMonitor } from '../../../../src/core/monitor/monitor.js';
import type { ExitStatus } from '../../../../src/core/process.js';
import { wallClock } from '../../../../src/core/units.js';
import {
  asked,
  monitor,
  serviceOf,
  stateFile,
  states,
  take,
  tell,
} from '../../../helpers/monitors.js';
import {
  actuals,
  code,
  exited,
  later,
  main,
  overdue,
  problem,
  process,
  service,
  spec,
  wall,
} from '../../../helpers/services.js';

const { askingStill, backoff, failedForGood, probation, running, stopped, waiting } = actuals;

const other = process(500);
const db = (actual: Parameters<typeof service>[0]) =>
  service(actual, { spec: spec({ name: 'db' }), leader: other });

test('elapsed: concerns only whose deadline has come', () => {
  const before = monitor(service(overdue(backoff)), db(backoff));
  const [next, actions] = take(before, { type: 'elapsed' });
  assert.deepEqual(states(next), { db: 'backoff', web: 'spawning: looking' });
  assert.deepEqual(asked(actions), ['web: look scan']);
  assert.equal(serviceOf(next, 'db'), serviceOf(before, 'db'));
});

test('deadline: the earliest of all; none if nothing waits', () => {
  assert.equal(deadline(monitor(service(backoff), db(probation))), later(400));
  assert.equal(deadline(monitor(service(probation), db(backoff))), later(400));
  assert.equal(deadline(monitor(service(running), db(failedForGood))), null);
  assert.equal(deadline(emptyMonitor), null);
});

test('an input for a service that is not known (any more) is ignored', () => {
  const before = monitor(service(running));
  const [next, actions] = take(before, tell('mail', { type: 'begin' }));
  assert.deepEqual([next.services, actions], [before.services, []]);
});

test('begin: everything is looked for, what is held is left', () => {
  const [next, actions] = take(monitor(service(stopped), db(running)), { type: 'begin' });
  assert.deepEqual(states(next), { db: 'running', web: 'spawning: looking' });
  assert.deepEqual(asked(actions), ['web: look scan']);
});

test('a batch: a stop that is announced before a death is not fought', () => {
  const [next, actions] = take(monitor(service(running)), [
    stateFile('run', { web: 'stopping' }),
    tell('web', exited(main)),
  ]);
  assert.deepEqual([states(next), actions], [{ web: 'stopped' }, []]);
  assert.equal(serviceOf(next).lastEnd?.expected, true);
});

test('a batch: five hundred deaths are one step, and each is acted on', () => {
  const services = Array.from({ length: 500 }, (_, i) => {
    const its = process(1000 + i);
    const actual = { state: 'running', process: its } as const;
    return service(actual, { spec: spec({ name: `s${i}` }), leader: its });
  });
  const deaths = services.map(({ spec: { name } }, i) => tell(name, exited(process(1000 + i))));
  const before = monitor(...services);
  const [next, actions] = take(before, deaths);
  assert.equal(actions.length, 500);
  assert.equal(before.services.get('s0')?.actual.state, 'running', 'the monitor before is kept');
  assert.ok([...next.services.values()].every(({ actual }) => actual.state === 'spawning'));
});

test('one that waits is asked again when what it waits for lives', () => {
  const needy = service(waiting, { spec: spec({ requires: ['db'] }) });
  const [next, actions] = take(
    monitor(needy, db(actuals.asked)),
    tell('db', {
      type: 'spawned',
      incarnation: serviceOf(monitor(needy)).incarnation,
      purpose: 'main',
      process: other,
      warnings: [],
    }),
  );
  assert.deepEqual(states(next), { db: 'probation', web: 'spawning: looking' });
  assert.deepEqual(asked(actions), ['web: look scan']);
});

test('a requirement that is not known keeps nothing waiting for ever', () => {
  const before = { ...monitor(service(waiting)), requires: new Map([['web', ['ghost']]]) };
  assert.deepEqual(states(take(before, { type: 'elapsed' })[0]), { web: 'stopped (waits)' });
  const next = { ...before, requires: new Map() };
  assert.deepEqual(states(take(next, { type: 'elapsed' })[0]), { web: 'spawning: looking' });
});

test('reload: counters are cleared, nothing that runs is bounced', () => {
  const before = monitor(service(running, { inRow: 2, failures: [later(-5)] }), db(failedForGood));
  const [next, actions] = take(before, { type: 'reload' });
  assert.deepEqual(states(next), { db: 'spawning: looking', web: 'running' });
  assert.deepEqual(asked(actions), ['db: look scan']);
  assert.equal(serviceOf(next).inRow, 0);
});

test('continued: every deadline has its full time again', () => {
  const [next, actions] = take(monitor(service(overdue(backoff)), db(overdue(probation))), {
    type: 'continued',
  });
  assert.deepEqual([deadline(next), actions], [later(400), []]);
});

test('noticed: is told with this step and forgotten with the next', () => {
  const notice = { severity: 'error', message: 'the disk is full', problem } as const;
  const [next] = take(emptyMonitor, [
    { type: 'noticed', notice },
    { type: 'noticed', notice },
  ]);
  assert.deepEqual(next.notices, [notice, notice]);
  assert.deepEqual(take(next, { type: 'elapsed' })[0].notices, []);
});

test('deadline: a planned stop that lasts too long is due as well', () => {
  const announcedStop = (ms: number) => ({ announcedStop: { overdueAt: later(ms) } });
  assert.equal(deadline(monitor(service(backoff, announcedStop(100)))), later(100));
  assert.equal(deadline(monitor(service(backoff, announcedStop(900)))), later(400));
});

test('deadline: a status that the kernel does not tell is waited for for a second', () => {
  const end = { process: main, at: wall, expected: true };
  const ended = (status: ExitStatus | null) => ({ since: later(-1), lastEnd: { ...end, status } });
  assert.equal(deadline(monitor(service(stopped, ended(null)))), later(999));
  assert.equal(deadline(monitor(service(backoff, ended(null)))), later(400));
  assert.equal(deadline(monitor(service(stopped, ended(code(0))))), null);
  // Its stop command runs on, and the daemon may have ended just now.
  assert.equal(deadline(monitor(service(askingStill, ended(null)))), later(10_000));
});

test('after: one whose own requirements nobody knows is due', () => {
  const before = {
    ...monitor(service(waiting), db(waiting)),
    requires: new Map(),
    after: new Map([['web', ['db']]]),
  };
  const [next] = take(before, tell('web', { type: 'reconsider' }));
  assert.deepEqual(serviceOf(next).actual, waiting);
});

test('what is wanted of a service that is not known is nothing', () => {
  const draft = draftOf(emptyMonitor, { now: later(0), wall: wallClock(0) });
  want(draft, 'web');
  assert.deepEqual([draft.copy, draft.actions], [null, []]);
});
