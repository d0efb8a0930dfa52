import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { handleSignals } from '../../../src/daemon/signals.js';

const names = ['SIGUSR1', 'SIGHUP', 'SIGTERM', 'SIGINT', 'SIGCONT', 'SIGUSR2'] as const;

after(() => {
  for (const name of names) process.removeAllListeners(name);
});

test('every signal that would end esmd or open its debugger has a handler from the beginning', () => {
  assert.deepEqual(
    // Some versions of the test runner have one of their own.
    names.filter((name) => process.listenerCount(name) === 0),
    [],
  );
});

test('a signal that nobody can act on yet is kept, once, until somebody can', () => {
  const seen: string[] = [];
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  handleSignals({ SIGTERM: () => seen.push('leave') });
  process.emit('SIGUSR1');
  process.emit('SIGTERM');
  assert.deepEqual(seen, ['leave']);
  handleSignals({ SIGHUP: () => seen.push('reload'), SIGUSR1: () => seen.push('look') });
  assert.deepEqual(seen, ['leave', 'reload', 'look']);
  process.emit('SIGHUP');
  assert.deepEqual(seen, ['leave', 'reload', 'look', 'reload']);
});
