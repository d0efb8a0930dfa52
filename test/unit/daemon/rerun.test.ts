import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rerun } from '../../../src/daemon/rerun.js';

/** Work that ends when it is told to. */
function slowWork() {
  const ends: (() => void)[] = [];
  let begun = 0;
  const rerun = new Rerun(
    () =>
      new Promise((resolve) => {
        begun += 1;
        ends.push(resolve);
      }),
  );
  const end = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { rerun, end, begun: () => begun };
}

describe('work that is asked for again', () => {
  test('begins at once where none is under way', async () => {
    const { rerun, end, begun } = slowWork();
    const first = rerun.ask();
    assert.equal(begun(), 1);
    await end();
    await first;
    void rerun.ask();
    assert.equal(begun(), 2);
    await end();
  });

  test('is done once more for all who asked meanwhile, and not at the same time', async () => {
    const { rerun, end, begun } = slowWork();
    let done = 0;
    for (let i = 0; i < 1000; i += 1) void rerun.ask().then(() => (done += 1));
    assert.equal(begun(), 1);
    await end();
    assert.deepEqual([begun(), done], [2, 1]);
    void rerun.ask().then(() => (done += 1));
    await end();
    assert.deepEqual([begun(), done], [3, 1000]);
    await end();
    assert.deepEqual([begun(), done], [3, 1001]);
  });
});
