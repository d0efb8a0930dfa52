import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMonitor } from '../../../../src/core/monitor/monitor.js';
import type { Service } from '../../../../src/core/service/record.js';
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
  down,
  exited,
  main,
  problem,
  service,
  spec,
  unmonitored,
} from '../../../helpers/services.js';

const { running, stopped, signalling, backoff, failed } = actuals;

const unreadable = { type: 'state-file-problem', problem } as const;
const wishOf = (name: string, ...services: Parameters<typeof serviceOf>[0][]) =>
  services.map((each) => serviceOf(each, name).wish);

test('state-file: mode run → looked for, and started', () => {
  const before = { ...monitor(service(stopped, unmonitored)), stateFile: null };
  const [next, actions] = take(before, stateFile('run'));
  assert.deepEqual(
    [states(next), asked(actions)],
    [{ web: 'spawning: looking' }, ['web: look scan']],
  );
});

test('state-file: mode shutdown → hands off, nothing is signalled', () => {
  const services = [running, signalling, backoff].map((actual, i) =>
    service(actual, { spec: spec({ name: `s${i}` }) }),
  );
  const [next, actions] = take(monitor(...services), stateFile('shutdown'));
  assert.deepEqual([states(next), actions], [{ s0: 'running', s1: 'running', s2: 'stopped' }, []]);
});

test('state-file: says the same → nothing changes', () => {
  const before = monitor(service(running));
  const [next, actions] = take(before, stateFile('run'));
  assert.equal(serviceOf(next), serviceOf(before));
  assert.deepEqual(actions, []);
});

test('state-file: started NAME ends an operator stop, also where it was said before', () => {
  const before = {
    ...monitor(service(stopped, down)),
    stateFile: stateFile('run', { web: 'up' }).file,
  };
  const [next, actions] = take(before, stateFile('run', { web: 'up' }));
  assert.deepEqual(states(next), { web: 'starting: appearing (said to run)' });
  assert.deepEqual(asked(actions), ['web: look scan']);
  assert.equal(serviceOf(next).wish, 'none');
});

test('state-file: what is stated about another leaves an operator stop alone', () => {
  const both = (changes: Partial<Service>) =>
    monitor(
      service(stopped, { ...down, ...changes }),
      service(running, { spec: spec({ name: 'db' }) }),
    );
  const [next] = take(both({}), stateFile('run', { db: 'up' }));
  assert.deepEqual([serviceOf(next).wish, serviceOf(next).desired], ['down', 'down']);
});

test('state-file: a boot ends every operator stop, other modes none', () => {
  const before = monitor(service(stopped, down));
  const [shutdown] = take(before, stateFile('shutdown'));
  const [run] = take(shutdown, stateFile('run'));
  const [boot] = take(before, stateFile('boot'));
  assert.deepEqual(wishOf('web', shutdown, run, boot), ['down', 'down', 'none']);
});

test('state-file: an operator stop during boot lasts as long as any', () => {
  const before = {
    ...monitor(service(stopped, down)),
    stateFile: stateFile('boot', { web: 'up' }).file,
  };
  const [next] = take(before, stateFile('boot', { web: 'up', db: 'up' }));
  assert.deepEqual(wishOf('web', next), ['down']);
});

test('state-file: an operator stop during boot outlives esmd', () => {
  const before = { ...monitor(service(stopped, down)), stateFile: null };
  const [next, actions] = take(before, stateFile('boot', { web: 'up' }));
  assert.deepEqual(
    [wishOf('web', next), states(next), actions],
    [['down'], { web: 'stopped' }, []],
  );
});

test('state-file-problem: the last good state is kept', () => {
  const [next, actions] = take(monitor(service(running)), unreadable);
  assert.deepEqual([states(next), actions], [{ web: 'running' }, []]);
  assert.deepEqual([serviceOf(next).desired, next.stateFileProblem], ['up', problem]);
  assert.equal(take(next, stateFile('run'))[0].stateFileProblem, null);
});

test('state-file-problem: an esmd that starts monitors nothing, whatever the last one did', () => {
  const before = {
    ...emptyMonitor,
    services: monitor(
      service(backoff),
      service(signalling, { spec: spec({ name: 'db' }), ...down }),
    ).services,
  };
  const [next, actions] = take(before, unreadable);
  assert.deepEqual([states(next), actions], [{ db: 'running', web: 'stopped' }, []]);
  assert.deepEqual(
    [...next.services.values()].map(({ desired, wish }) => [desired, wish]),
    [
      ['unmonitored', 'down'],
      ['unmonitored', 'none'],
    ],
  );
});

for (const word of ['up', undefined] as const) {
  test(`state-file: "started" that is read with the death before it was a planned stop, said before: ${word ?? 'nothing'}`, () => {
    const said = word === undefined ? {} : { web: word };
    const before = { ...monitor(service(running)), stateFile: stateFile('run', said).file };
    const death = tell('web', exited(main));
    const [next, actions] = take(before, [stateFile('run', { web: 'up' }), death]);
    assert.deepEqual(states(next), { web: 'starting: appearing (said to run)' });
    assert.deepEqual(asked(actions), ['web: look scan']);
    const { lastEnd, inRow, desired, desiredBy } = serviceOf(next);
    assert.deepEqual([lastEnd?.expected, inRow, desired, desiredBy], [true, 0, 'up', 'state file']);
  });
}

test('state-file: what is stated about others makes no death a planned one', () => {
  const db = service(running, { spec: spec({ name: 'db' }) });
  const before = { ...monitor(service(running), db), stateFile: stateFile('run').file };
  const [next] = take(before, [stateFile('run', { db: 'up' }), tell('web', exited(main))]);
  assert.deepEqual(states(next), { web: 'spawning: sweeping', db: 'running' });
  assert.equal(serviceOf(next).lastEnd?.expected, false);
});

for (const actual of [backoff, failed]) {
  test(`state-file: "started" while ${actual.state} is looked into at once, and again`, () => {
    let before = monitor(service(actual), service(actual, { spec: spec({ name: 'db' }) }));
    for (const daemons of [{ web: 'up' }, { web: 'up' }] as const) {
      const [next, actions] = take(before, stateFile('run', daemons));
      assert.deepEqual(states(next), {
        db: actual.state,
        web: 'starting: appearing (said to run)',
      });
      assert.deepEqual(asked(actions), ['web: look scan']);
      const again = new Map([...next.services, ['web', service(actual)]]);
      before = { ...next, services: again };
    }
  });
}

test('state-file: "started" while it runs changes nothing, and a later death is one', () => {
  const before = { ...monitor(service(running)), stateFile: stateFile('run', { web: 'up' }).file };
  const [next] = take(before, stateFile('run', { web: 'up' }));
  assert.deepEqual(states(next), { web: 'running' });
  const [last] = take(next, tell('web', exited(main)));
  assert.deepEqual(states(last), { web: 'spawning: sweeping' });
});
