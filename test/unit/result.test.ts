import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProblem } from '../../src/core/result.js';

test('describeProblem: place, message and remedy', () => {
  assert.equal(
    describeProblem({
      code: 'ESM_X',
      message: 'Cannot y: z',
      remedy: 'do w',
      file: 'f.toml',
      line: 3,
      key: 'a.b',
    }),
    'f.toml:3: a.b: Cannot y: z (do w)',
  );
  assert.equal(describeProblem({ code: 'ESM_X', message: 'Cannot y: z' }), 'Cannot y: z');
});
