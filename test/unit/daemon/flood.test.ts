import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instant } from '../../../src/core/units.js';
import { Flood } from '../../../src/daemon/flood.js';

/** Whether starts have to wait, asked every millisecond after so many deaths each. */
function course(...deaths: readonly number[]): string {
  const flood = new Flood();
  return deaths
    .map((number, ms) => {
      flood.hear(number, instant(ms));
      return flood.mayStart(false, instant(ms)) ? '-' : 'w';
    })
    .join('');
}

describe('a start waits', () => {
  test('for two milliseconds after the last of several deaths', () => {
    assert.equal(course(4, 0, 0, 0), 'ww--');
    assert.equal(course(4, 1, 0, 0, 1), 'www--');
    assert.equal(course(1, 1, 0, 0), '-ww-');
  });

  test('for nobody if one dies after the other', () => {
    assert.equal(course(1, 0, 1, 0, 0, 1), '------');
  });

  test('again in the next flood, though nobody has asked since the last one', () => {
    const flood = new Flood();
    for (const begin of [0, 1000]) {
      for (let ms = begin; ms <= begin + 60; ms += 1) {
        flood.hear(2, instant(ms));
        assert.equal(flood.mayStart(false, instant(ms)), ms >= begin + 50, `${ms}`);
      }
    }
  });

  test('for fifty milliseconds at the most, and then for two without a death', () => {
    const long = course(4, ...Array<number>(80).fill(1), 0, 0, 4);
    assert.equal(long, 'w'.repeat(50) + '-'.repeat(33) + 'w');
  });

  for (const step of [1, 7]) {
    test(`for deaths that nobody has heard of yet, but not for ever, every ${step} ms`, () => {
      const flood = new Flood();
      for (let ms = 0; ms < 100; ms += step) {
        flood.hear(1, instant(ms));
        assert.equal(flood.mayStart(true, instant(ms)), ms >= 50, `${ms}`);
      }
      assert.equal(flood.mayStart(false, instant(102)), true);
      assert.equal(flood.mayStart(true, instant(103)), false);
    });
  }
});
