import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openExits } from '../../src/os/exits.js';
import { yieldProcessor } from '../../src/os/libc/process.js';
import { watchSignals } from '../../src/os/signal-pipe.js';
import { held } from '../helpers/exits.js';
import { startChild, stateOf } from '../helpers/processes.js';
import { waitFor } from '../helpers/wait-for.js';

/** A handler, and how often it was called. */
function handle(t: TestContext, signal: NodeJS.Signals): () => number {
  let count = 0;
  const handler = (): void => {
    count += 1;
  };
  process.on(signal, handler);
  t.after(() => process.off(signal, handler));
  return () => count;
}

test('a signal is known before its handler is called, and not after', async (t) => {
  const hasSignal = watchSignals();
  await waitFor(() => !hasSignal(), { what: 'the end of the search' });
  const count = handle(t, 'SIGUSR2');
  for (let round = 1; round <= 20; round += 1) {
    assert.equal(hasSignal(), false);
    process.kill(process.pid, 'SIGUSR2');
    assert.deepEqual([hasSignal(), count()], [true, round - 1]);
    await waitFor(() => count() === round, { what: 'the handler' });
    assert.equal(hasSignal(), false);
  }
});

test('the search leaves no handler behind', async () => {
  const hasSignal = watchSignals();
  await waitFor(() => !hasSignal(), { what: 'the end of the search' });
  assert.equal(process.listenerCount('SIGURG'), 0);
});

test('of a death that comes with a signal one hears with the signal, or after it', async (t) => {
  const hasSignal = watchSignals();
  await waitFor(() => !hasSignal(), { what: 'the end of the search' });
  const count = handle(t, 'SIGUSR2');
  const heard: (readonly [boolean, number])[] = [];
  const exits = openExits({
    onReady: () => heard.push([hasSignal(), count()]),
    onBug: (error) => {
      throw error;
    },
  });
  t.after(() => {
    exits.close();
  });
  for (let round = 1; round <= 20; round += 1) {
    const number = startChild(t, '/bin/sleep', '100');
    const child = held(exits, number, 'child');
    child.signal('KILL', 'process');
    // The loop has not run since: both wait for it.
    while (stateOf(number) !== 'Z') yieldProcessor();
    process.kill(process.pid, 'SIGUSR2');
    await waitFor(() => heard.length === round && count() === round, { what: 'both' });
    const [isComing, told] = heard.at(-1) ?? [false, 0];
    assert.ok(isComing || told === round, 'the death was heard of alone');
    child.release();
  }
});
