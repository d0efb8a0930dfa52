import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from './lib/places.js';

const parts = 9;

test('make bench-peers: its short form has a figure in every cell', () => {
  const text = execFileSync(
    process.execPath,
    [join(repository, 'build/bench/peers.js'), '--quick'],
    { encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  assert.doesNotMatch(text, /left out|NaN|undefined/);
  const rows = text.split('\n').filter((line) => line.startsWith('  '));
  assert.equal(rows.length % parts, 0);
  assert.equal(rows.filter((row) => row.startsWith('  esmd ')).length, parts);
  for (const row of rows) {
    assert.match(row, /^ {2}\S.* {2}(?:cannot|[0-9.]+ (?:wake-ups\/s|\/ [0-9.]+ ).*)$/);
  }
  for (const row of rows.filter((each) => each.startsWith('  esmd'))) {
    assert.doesNotMatch(row, /cannot|nothing within|came back/);
  }
});
