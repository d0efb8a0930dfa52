/** Of V8 itself, in a process of its own: this one has no --expose-gc. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const engine = JSON.stringify(new URL('../../src/os/engine.js', import.meta.url));

/** What a script that has the engine at hand prints. */
function run(script: string, ...more: readonly string[]): unknown {
  const text = `import { readFileSync } from 'node:fs';
    import { setTimeout as pause } from 'node:timers/promises';
    import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
    import * as engine from ${engine};
    const { collectGarbage, collectIfGrown, giveBack } = engine;
    let collections = 0;
    const gc = globalThis.gc;
    globalThis.gc = () => { collections += 1; gc(); };
    const hold = (bytes) => Array.from({ length: bytes / 8 }, (_, number) => number + 0.5);
    const heapUsed = () => getHeapStatistics().used_heap_size;
    const sizeOf = (which) =>
      getHeapSpaceStatistics().find(({ space_name: name }) => name === which).space_size;
    // So that what is for the young is no reason to collect.
    const halve = async (collect) => {
      const end = performance.now() + 30_000;
      while (sizeOf('new_space') > 2 ** 20 && performance.now() < end) {
        await pause(250);
        collect();
      }
    };
    ${script}`;
  const flags = ['--expose-gc', '--max-semi-space-size=1', ...more, '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', text], {
    encoding: 'utf8',
  });
  // V8 would complain there of a flag that it does not know.
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

test('what has grown by a megabyte is collected, and once', () => {
  const found = run(`collectGarbage();
    const before = heapUsed();
    hold(4e6);
    collectIfGrown(true);
    collectIfGrown(true);
    console.log(JSON.stringify([collections, heapUsed() - before < 1e6]));`);
  assert.deepEqual(found, [2, true]);
});

test('for less no time is taken', () => {
  const found = run(`collectGarbage();
    const kept = hold(1e5);
    collectIfGrown(true);
    console.log(JSON.stringify([collections, kept.length]));`);
  assert.deepEqual(found, [1, 12_500]);
});

test('what is needed is not collected again and again', () => {
  const found = run(`collectGarbage();
    const kept = hold(4e6);
    collectIfGrown(true);
    collectIfGrown(true);
    console.log(JSON.stringify([collections, kept.length]));`);
  assert.deepEqual(found, [2, 500_000]);
});

test('of the two halves for what is young one is given back', () => {
  const found = run(`collectGarbage();
    for (let round = 0; round < 100; round += 1) hold(1e5);
    const before = sizeOf('new_space');
    await halve(() => giveBack(false));
    const after = sizeOf('new_space');
    const soFar = collections;
    giveBack(false);
    console.log(JSON.stringify([before, after, collections - soFar]));`);
  assert.deepEqual(found, [2 ** 21, 2 ** 20, 0]);
});

test('pages that are half empty are given back, where that may take long', () => {
  const found = run(`let kept = Array.from({ length: 20_000 }, () => hold(800));
    collectGarbage();
    for (let more = 0; more < 5000; more += 1) kept.push(hold(800));
    kept = kept.filter((_, nth) => nth % 2 === 0);
    // As V8 does in the middle of something.
    await halve(gc);
    const sparse = sizeOf('old_space');
    giveBack(false);
    giveBack(true);
    const gain = sparse - sizeOf('old_space');
    console.log(JSON.stringify([kept.length, collections, gain > 5e6]));`);
  assert.deepEqual(found, [12_500, 2, true]);
});

test('at rest, too, what has grown is collected', () => {
  const found = run(`collectGarbage();
    const kept = hold(4e6);
    await halve(gc);
    giveBack(false);
    giveBack(false);
    console.log(JSON.stringify([kept.length, collections]));`);
  assert.deepEqual(found, [500_000, 2]);
});

test('the C library gives back what is free between what is used', () => {
  const found = run(`const heap = () => {
      const [, text] = readFileSync('/proc/self/smaps', 'utf8').split('[heap]');
      return Number(/^Rss: +(\\d+) kB$/m.exec(text)[1]);
    };
    const blocks = Array.from({ length: 400 }, () => Buffer.alloc(60_000, 1));
    const last = blocks.at(-1);
    const before = heap();
    blocks.length = 0;
    // Before and after: V8 frees the memory of buffers in a task of its own.
    gc();
    await pause(1);
    giveBack(false);
    console.log(JSON.stringify([before - heap() > 20_000, last.length]));`);
  assert.deepEqual(found, [true, 60_000]);
});

test('what is called often is optimized soon, until that is enough', () => {
  const found = run(
    `const text = 'let sum = 0; for (const each of list) sum += each * ';
    const functions = [1, 2].map((number) => new Function('list', text + number + '; return sum;'));
    const list = hold(800);
    const isOptimized = (f) => (%GetOptimizationStatus(f) & 16) !== 0;
    function work(f) {
      for (let call = 0; call < 20; call += 1) f(list);
      %FinalizeOptimization();
      f(list);
      return isOptimized(f);
    }
    engine.compileForRestarts();
    engine.optimize(true);
    collectGarbage();
    const early = work(functions[0]);
    engine.optimizeSeldom();
    console.log(JSON.stringify([early, work(functions[1])]));`,
    '--allow-natives-syntax',
  );
  assert.deepEqual(found, [true, false]);
});
