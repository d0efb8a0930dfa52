/** The benchmarks put short forms of their results into README.md. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from './page.js';

test('README.md has one place for each', () => {
  const readme = readText('README.md');
  for (const name of ['peers', 'faults']) {
    const marks = new RegExp(`^<!-- ${name}: begin -->$[^]*^<!-- ${name}: end -->$`, 'gm');
    assert.equal([...readme.matchAll(marks)].length, 1, name);
  }
});
