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
  const wait = (ms: number): void => t.mock.timers.tick(ms);
  return { world, calm, wait };
}

describe('calm', () => {
  test('nothing happens where nothing has changed', (t) => {
    const { world, wait } = calmOf(t);
    wait(3_600_000);
    assert.equal(world.calls, 0);
  });

  test('one to two seconds after the last change, once', (t) => {
    const { world, calm, wait } = calmOf(t);
    for (let change = 0; change < 100; change += 1) {
      calm.stir();
      wait(990);
    }
    assert.equal(world.calls, 0);
    wait(1010);
    assert.equal(world.calls, 1);
    wait(3_600_000);
    assert.equal(world.calls, 1);
  });

  test('again after the next change', (t) => {
    const { world, calm, wait } = calmOf(t);
    calm.stir();
    wait(1000);
    calm.stir();
    wait(1000);
    assert.equal(world.calls, 2);
  });

  test('not while there is something more urgent', (t) => {
    const { world, calm, wait } = calmOf(t);
    calm.stir();
    world.isBusy = true;
    wait(5000);
    assert.equal(world.calls, 0);
    world.isBusy = false;
    wait(1000);
    assert.equal(world.calls, 1);
  });
});
