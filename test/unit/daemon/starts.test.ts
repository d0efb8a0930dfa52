import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../../../src/core/units.js';
import { waitAfter, withStart } from '../../../src/daemon/starts.js';

const boot = 'b';

/** Starts an esmd again and again that crashes `lifeMs` after it was allowed to begin. */
function crashLoop(times: number, lifeMs: number): readonly number[] {
  const at: number[] = [];
  let now = 1000;
  let text: string | null = null;
  for (let i = 0; i < times; i += 1) {
    at.push(now);
    const starts = withStart(text, boot, instant(now));
    text = JSON.stringify(starts);
    now += waitAfter(starts, instant(now)) + lifeMs;
  }
  return at;
}

describe('starts of esmd', () => {
  test('four in a row are nothing', () => {
    const at = crashLoop(5, 10);
    assert.deepEqual(at, [1000, 1010, 1020, 1030, 1040]);
  });

  test('the fifth within two minutes waits at least 13 s', () => {
    const at = crashLoop(6, 10);
    assert.equal((at[5] ?? 0) - (at[4] ?? 0), 13_010);
  });

  test('a crash loop never has ten starts within 120 s, however long a life is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), (lifeMs) => {
        const at = crashLoop(60, lifeMs);
        for (let i = 9; i < at.length; i += 1) {
          assert.ok((at[i] ?? 0) - (at[i - 9] ?? 0) > 120_000);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('starts of another boot, of the future, and nonsense count nothing', () => {
    const old = JSON.stringify({ bootId: 'a', at: [1, 2, 3, 4, 5] });
    assert.deepEqual(withStart(old, boot, instant(10)).at, [10]);
    const future = JSON.stringify({ bootId: boot, at: [11, 12, 13, 14] });
    assert.deepEqual(withStart(future, boot, instant(10)).at, [10]);
    for (const text of ['', '{', 'null', '[]', '{"bootId":"b","at":["x"]}', '{"bootId":"b"}']) {
      assert.deepEqual(withStart(text, boot, instant(10)).at, [10]);
    }
  });
});
