import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Afterwards } from '../../../src/daemon/afterwards.js';

function afterwardsOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const world = { isBusy: false, calls: 0 };
  const afterwards = new Afterwards(
    () => (world.calls += 1),
    () => world.isBusy,
  );
  /** So many seconds later. */
  const wait = (seconds: number): void => t.mock.timers.tick(seconds * 1000);
  return { world, afterwards, wait };
}

describe('afterwards', () => {
  test('nothing happens where nothing has changed', (t) => {
    const { world, wait } = afterwardsOf(t);
    wait(3600);
    assert.equal(world.calls, 0);
  });

  test('two seconds after the first of a row of changes, once', (t) => {
    const { world, afterwards, wait } = afterwardsOf(t);
    for (let change = 0; change < 19; change += 1) {
      afterwards.stir();
      wait(0.1);
    }
    assert.equal(world.calls, 0);
    wait(0.1);
    assert.equal(world.calls, 1);
    wait(3600);
    assert.equal(world.calls, 1);
  });

  test('again and again where changes do not end', (t) => {
    const { world, afterwards, wait } = afterwardsOf(t);
    for (let change = 0; change < 100; change += 1) {
      afterwards.stir();
      wait(1);
    }
    assert.equal(world.calls, 50);
  });

  test('not while there is something more urgent', (t) => {
    const { world, afterwards, wait } = afterwardsOf(t);
    afterwards.stir();
    world.isBusy = true;
    wait(10);
    assert.equal(world.calls, 0);
    world.isBusy = false;
    wait(2);
    assert.equal(world.calls, 1);
  });
});
