import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../../../../src/core/monitor/monitor.js';
import {
  asked,
  monitor,
  request,
  serviceOf,
  stateFile,
  states,
  take,
} from '../../../helpers/monitors.js';
import {
  actuals,
  down,
  main,
  service,
  spec,
  stranger,
  unmonitored,
} from '../../../helpers/services.js';

const { running, stopped, backoff, failed, probation, signalling } = actuals;

const web = service(running);
const said = stateFile('run', { web: 'up' }).file;

/** The problem of the one refusal among these. */
function refusal(actions: readonly Action[]) {
  const [action] = actions;
  assert.ok(actions.length === 1 && action?.type === 'reply' && !action.result.ok);
  return action.result.problem;
}

test('stop: signals, and remembers who wished it', () => {
  const [next, actions] = take(monitor(web), request('stop', 'web'));
  assert.deepEqual(asked(actions), ['web: TERM group 100', 'web: CONT group 100', 'granted']);
  const { wish, desired, desiredBy } = serviceOf(next);
  assert.deepEqual([wish, desired, desiredBy], ['down', 'down', 'operator']);
});

test('stop: again is granted and changes nothing', () => {
  const [next, actions] = take(monitor(service(stopped, down)), request('stop', 'web'));
  assert.deepEqual([states(next), asked(actions)], [{ web: 'stopped' }, ['granted']]);
});

test('stop: again looks again for what could not be told apart', () => {
  const trouble = { type: 'ambiguous', pids: [main.pid, stranger.pid] } as const;
  const before = monitor(service(stopped, { ...down, trouble }));
  const [next, actions] = take(before, request('stop', 'web'));
  assert.deepEqual(
    [states(next), asked(actions)],
    [{ web: 'stopping: looking' }, ['web: look scan', 'granted']],
  );
});

for (const verb of ['start', 'restart', 'reset'] as const) {
  test(`${verb}: ends an operator's stop at once`, () => {
    const [next, actions] = take(monitor(service(stopped, down)), request(verb, 'web'));
    const { wish, desired, desiredBy } = serviceOf(next);
    assert.deepEqual([wish, desired, desiredBy], ['none', 'up', 'configuration']);
    assert.equal(serviceOf(next).actual.state, 'spawning');
    assert.ok(asked(actions).includes('web: look scan'));
  });

  test(`${verb}: does not wait for somebody else to start it`, () => {
    const before = { ...monitor(service(stopped, down)), stateFile: said };
    const [next] = take(before, request(verb, 'web'));
    assert.deepEqual(states(next), { web: 'spawning: looking' });
  });

  for (const actual of [backoff, failed]) {
    test(`${verb}: ends ${actual.state} at once`, () => {
      const [next, actions] = take(monitor(service(actual)), request(verb, 'web'));
      assert.deepEqual(states(next), { web: 'spawning: looking' });
      assert.deepEqual(asked(actions), ['web: look scan', 'granted']);
    });
  }
}

test('start, reset: leave alone what runs', () => {
  for (const verb of ['start', 'reset'] as const) {
    const [next, actions] = take(monitor(service(probation)), request(verb, 'web'));
    assert.deepEqual([states(next), asked(actions)], [{ web: 'probation' }, ['granted']]);
  }
});

test('restart: while it is being stopped, it runs again afterwards', () => {
  const [next, actions] = take(monitor(service(signalling, down)), request('restart', 'web'));
  assert.deepEqual([states(next), asked(actions)], [{ web: 'stopping: signalling' }, ['granted']]);
  const [after, more] = take(next, {
    type: 'service',
    name: 'web',
    input: { type: 'exited', process: main, status: null, late: false, seenAt: 9000 },
  });
  assert.deepEqual(
    [states(after), asked(more)],
    [{ web: 'spawning: looking' }, ['web: look pidfile']],
  );
});

test('an unknown service is refused', () => {
  assert.deepEqual(refusal(take(monitor(web), request('start', 'mail'))[1]), {
    code: 'ESM_UNKNOWN_SERVICE',
    message: 'Cannot find "mail": no such service is configured',
  });
});

for (const verb of ['start', 'stop', 'restart'] as const) {
  test(`${verb}: of an unmonitored service is refused, naming the statement`, () => {
    const before = {
      ...monitor(service(running, unmonitored)),
      stateFile: stateFile('run', { web: 'down' }).file,
    };
    const [next, actions] = take(before, request(verb, 'web'));
    assert.deepEqual(refusal(actions), {
      code: 'ESM_REFUSED',
      message: `Cannot ${verb} "web": it is not monitored, because the state file says "daemon web down"`,
      remedy: 'use its init script, or say /etc/init.d/esm started web',
    });
    assert.equal(serviceOf(next).wish, 'none');
  });
}

test('reset: of an unmonitored service ends the wish, and touches nothing', () => {
  const before = {
    ...monitor(service(running, { ...unmonitored, wish: 'down' })),
    stateFile: stateFile('shutdown').file,
  };
  const [next, actions] = take(before, request('reset', 'web'));
  assert.deepEqual([states(next), asked(actions)], [{ web: 'running' }, ['granted']]);
  assert.deepEqual([serviceOf(next).wish, serviceOf(next).desired], ['none', 'unmonitored']);
});

const needy = (name: string, changes = {}) =>
  service(running, { spec: spec({ name, requires: ['web'] }), ...changes });

test('stop: of a required service is refused, naming the dependents', () => {
  const [next, actions] = take(monitor(web, needy('mail')), request('stop', 'web'));
  assert.deepEqual(refusal(actions), {
    code: 'ESM_REFUSED',
    message: 'Cannot stop "web": mail requires it',
    remedy: 'stop these first, or use --force',
  });
  assert.equal(serviceOf(next).wish, 'none');
  const [, both] = take(monitor(web, needy('mail'), needy('news')), request('stop', 'web'));
  assert.equal(refusal(both).message, 'Cannot stop "web": mail, news require it');
});

test('stop: with force, the dependents are left running', () => {
  const [next, actions] = take(monitor(web, needy('mail')), request('stop', 'web', true));
  assert.deepEqual(states(next), { web: 'stopping: signalling', mail: 'running' });
  assert.equal(asked(actions).at(-1), 'granted');
});

test('stop: dependents that neither run nor are to run do not count', () => {
  const idle = service(stopped, { ...down, spec: spec({ name: 'mail', requires: ['web'] }) });
  assert.equal(asked(take(monitor(web, idle), request('stop', 'web'))[1]).at(-1), 'granted');
  const mail = needy('mail', unmonitored);
  assert.equal(refusal(take(monitor(web, mail), request('stop', 'web'))[1]).code, 'ESM_REFUSED');
});
