/** Of V8 itself, in a process of its own: this one has no --expose-gc. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const engine = JSON.stringify(new URL('../../src/os/engine.js', import.meta.url));

/** What a script that has the engine at hand prints. */
function run(script: string): unknown {
  const text = `import { getHeapStatistics } from 'node:v8';
    import { collectGarbage, collectIfGrown } from ${engine};
    let collections = 0;
    const gc = globalThis.gc;
    globalThis.gc = () => { collections += 1; gc(); };
    const hold = (bytes) => Array.from({ length: bytes / 8 }, (_, number) => number + 0.5);
    const heapUsed = () => getHeapStatistics().used_heap_size;
    ${script}`;
  const flags = ['--expose-gc', '--input-type=module', '-e', text];
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
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
