import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMonitor } from '../../../../src/core/monitor/monitor.js';
import type { Spec } from '../../../../src/core/service/spec.js';
import {
  asked,
  configured,
  monitor,
  serviceOf,
  stateFile,
  states,
  take,
} from '../../../helpers/monitors.js';
import {
  actuals,
  backgroundSpec,
  command,
  down,
  main,
  overdue,
  service,
  spec,
} from '../../../helpers/services.js';

const { asked: askedFor, launching, running, signalling, stopped } = actuals;

/** The same daemon under another name. */
const renamed = (changes: Partial<Spec> = {}): Spec => ({ ...spec(), name: 'www', ...changes });

test('configured: a new service is looked for before it is started', () => {
  const before = { ...emptyMonitor, stateFile: stateFile('run').file };
  const [next, actions] = take(before, configured(spec()));
  assert.deepEqual(
    [states(next), asked(actions)],
    [{ web: 'spawning: looking' }, ['web: look scan']],
  );
  assert.deepEqual([serviceOf(next).desired, serviceOf(next).desiredBy], ['up', 'configuration']);
});

test('configured: a new service without a state file is looked for, and left alone', () => {
  const [next, actions] = take(emptyMonitor, configured(spec()));
  assert.deepEqual(asked(actions), ['web: look scan']);
  assert.equal(serviceOf(next).desired, 'unmonitored');
});

test('configured: what runs is not touched by a new definition', () => {
  const changed = spec({ umask: 0 });
  const [next, actions] = take(monitor(service(running)), configured(changed));
  assert.deepEqual(
    [states(next), actions, serviceOf(next).spec],
    [{ web: 'running' }, [], changed],
  );
});

test('configured: a removed service is forgotten and left running', () => {
  const [next, actions] = take(monitor(service(running)), configured());
  assert.deepEqual([states(next), actions], [{}, []]);
});

test('configured: the new order is the start order', () => {
  const specs = [spec({ name: 'a', requires: ['z'] }), spec({ name: 'z' })];
  const [next] = take(emptyMonitor, configured(...specs));
  assert.deepEqual([...next.services.keys()], ['z', 'a']);
});

test('configured: requirements act at once', () => {
  const before = monitor(
    service(stopped, { spec: spec({ name: 'db' }) }),
    service(actuals.waiting, { spec: spec({ requires: ['db'] }) }),
  );
  const [next, actions] = take(before, configured(spec({ name: 'db' }), spec()));
  assert.equal(states(next)['web'], 'spawning: looking');
  assert.deepEqual(asked(actions), ['web: look scan']);
});

test('configured: a new name for the same command takes its process over', () => {
  const before = monitor(service(running, { restarts: 3 }));
  const [next, actions] = take(before, configured(renamed()));
  assert.deepEqual([states(next), actions], [{ www: 'running' }, []]);
  const { restarts, actual } = serviceOf(next, 'www');
  assert.deepEqual([restarts, actual], [3, running]);
});

test('configured: a new name for the same pid file takes its process over', () => {
  const old = backgroundSpec();
  const next = { ...backgroundSpec({ name: 'www' }), pidfile: old.pidfile };
  const [after] = take(monitor(service(running, { spec: old })), configured(next));
  assert.deepEqual(states(after), { www: 'running' });
});

test('configured: another start command is another daemon', () => {
  const old = backgroundSpec();
  const [after] = take(
    monitor(service(running, { spec: old })),
    configured(backgroundSpec({ name: 'www' })),
  );
  assert.deepEqual(states(after), { www: 'spawning: looking' });
});

test('configured: another command is another daemon', () => {
  const [after] = take(monitor(service(running)), configured(spec({ name: 'www' })));
  assert.deepEqual(states(after), { www: 'spawning: looking' });
});

test('configured: one process is taken over once', () => {
  const before = monitor(service(running, { spec: spec({ pidfile: '/run/web.pid' }) }));
  const byCommand = renamed();
  const byPidFile = spec({ name: 'zzz', pidfile: '/run/web.pid' });
  const [next] = take(before, configured(byCommand, byPidFile));
  assert.deepEqual(states(next), { www: 'running', zzz: 'spawning: looking' });
});

test('configured: a service that is taken over while it is asked for is looked for', () => {
  const [next, actions] = take(monitor(service(askedFor)), configured(renamed()));
  assert.deepEqual(
    [states(next), asked(actions)],
    [{ www: 'spawning: looking' }, ['www: look scan']],
  );
});

test('configured: under its new name an operator stopped it, or the machine takes it', () => {
  const handsOff = {
    ...monitor(service(signalling, down)),
    stateFile: stateFile('run', { www: 'down' }).file,
  };
  assert.deepEqual(states(take(handsOff, configured(renamed()))[0]), { www: 'running' });

  const unnamed = service(running, { ...down, desired: 'unmonitored', desiredBy: 'state file' });
  const [stopping, actions] = take(monitor(unnamed), configured(renamed()));
  assert.deepEqual(states(stopping), { www: 'stopping: signalling' });
  assert.deepEqual(asked(actions), ['www: TERM group 100', 'www: CONT group 100']);
});

test('configured: a start that the machine takes over is not killed', () => {
  const old = backgroundSpec();
  const before = {
    ...monitor(service(overdue(launching), { spec: old, leader: command })),
    stateFile: stateFile('run', { www: 'stopping' }).file,
  };
  const next = { ...backgroundSpec({ name: 'www' }), pidfile: old.pidfile };
  const [after, actions] = take(before, [configured(next), { type: 'elapsed' }]);
  assert.deepEqual([states(after), actions], [{ www: 'starting: launching' }, []]);
});

test('configured: the processes of a service that is taken over are not forgotten', () => {
  const [next] = take(monitor(service(running, { leader: main })), configured(renamed()));
  assert.deepEqual(serviceOf(next, 'www').leader, main);
});
