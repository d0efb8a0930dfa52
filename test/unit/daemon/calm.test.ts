import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Calm } from '../../../src/daemon/calm.js';

function calmOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const world = { isBusy: false, calls: 0 };
  const calm = new Calm(
    () => (world.calls += 1),
    () => world.isBusy,
  );
  /** So many seconds later. */
  const wait = (seconds: number): void => t.mock.timers.tick(seconds * 1000);
  return { world, calm, wait };
}

describe('calm', () => {
  test('nothing happens where nothing has changed', (t) => {
    const { world, wait } = calmOf(t);
    wait(3600);
    assert.equal(world.calls, 0);
  });

  test('two to four seconds after the last change, once', (t) => {
    const { world, calm, wait } = calmOf(t);
    for (let change = 0; change < 100; change += 1) {
      calm.stir();
      wait(1.9);
    }
    assert.equal(world.calls, 0);
    wait(2.1);
    assert.equal(world.calls, 1);
    wait(3600);
    assert.equal(world.calls, 1);
  });

  test('again after the next change', (t) => {
    const { world, calm, wait } = calmOf(t);
    calm.stir();
    wait(2);
    calm.stir();
    wait(2);
    assert.equal(world.calls, 2);
  });

  test('not while there is something more urgent', (t) => {
    const { world, calm, wait } = calmOf(t);
    calm.stir();
    world.isBusy = true;
    wait(10);
    assert.equal(world.calls, 0);
    world.isBusy = false;
    wait(2);
    assert.equal(world.calls, 1);
  });
});
