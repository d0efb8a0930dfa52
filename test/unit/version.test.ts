import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { version } from '../../src/core/version.js';

test('the version in the code is that of package.json', () => {
  const { version: published } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string;
  };
  assert.equal(version, published);
});
