import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Calm } from '../../../src/daemon/calm.js';

function calmOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const world = { isBusy: false, calms: 0, rests: 0 };
  const calm = new Calm({
    onCalm: () => (world.calms += 1),
    onRest: () => (world.rests += 1),
    isBusy: () => world.isBusy,
  });
  /** Step by step, as timers set meanwhile would be late. Whole hundredths of a second. */
  const wait = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 10) t.mock.timers.tick(10);
  };
  return { world, calm, wait };
}

describe('calm', () => {
  test('nothing happens where nothing has changed', (t) => {
    const { world, wait } = calmOf(t);
    wait(600_000);
    assert.deepEqual([world.calms, world.rests], [0, 0]);
  });

  test('one to two seconds after the last change, and six to seven, once', (t) => {
    const { world, calm, wait } = calmOf(t);
    for (let change = 0; change < 100; change += 1) {
      calm.stir();
      wait(990);
    }
    assert.deepEqual([world.calms, world.rests], [0, 0]);
    wait(1010);
    assert.deepEqual([world.calms, world.rests], [1, 0]);
    wait(5000);
    assert.deepEqual([world.calms, world.rests], [1, 1]);
    wait(600_000);
    assert.deepEqual([world.calms, world.rests], [1, 1]);
  });

  test('again after the next change', (t) => {
    const { world, calm, wait } = calmOf(t);
    for (let change = 0; change < 2; change += 1) {
      calm.stir();
      wait(7000);
    }
    assert.deepEqual([world.calms, world.rests], [2, 2]);
  });

  test('no rest where something changes every few seconds', (t) => {
    const { world, calm, wait } = calmOf(t);
    for (let change = 0; change < 20; change += 1) {
      calm.stir();
      wait(5000);
    }
    assert.deepEqual([world.calms, world.rests], [20, 0]);
  });

  test('not while there is something more urgent', (t) => {
    const { world, calm, wait } = calmOf(t);
    calm.stir();
    world.isBusy = true;
    wait(10_000);
    assert.deepEqual([world.calms, world.rests], [0, 0]);
    world.isBusy = false;
    wait(1000);
    assert.deepEqual([world.calms, world.rests], [1, 0]);
    wait(5000);
    assert.deepEqual([world.calms, world.rests], [1, 1]);
  });
});
