/** The short form of `make bench-faults`, so that it cannot rot. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from './lib/places.js';

test('make bench-faults: its short form has an observation in every cell', () => {
  const text = execFileSync(
    process.execPath,
    [join(repository, 'build/bench/faults.js'), '--quick'],
    { encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  assert.doesNotMatch(text, /left out|not observed|NaN|undefined/);
  const cells = text.split('\n').filter((line) => line.startsWith('  esmd'));
  const observed = cells.map((line) => line.trim().split(/ {2,}/)[1]);
  assert.match(observed[0] ?? '', /^adopted; when killed, back after/);
  assert.match(observed[1] ?? '', /^back after .*, once$/);
  assert.equal(observed[2], 'after a death: killed; after a stop: killed');
  assert.equal(text.split('\n').filter((line) => line.startsWith('  runit ')).length, cells.length);
});
