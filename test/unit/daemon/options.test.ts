import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../src/daemon/options.js';

const rows: readonly (readonly [string, ReturnType<typeof readOptions>])[] = [
  ['', { alarm: null, retryInterval: undefined, hasInvalid: false }],
  ['-a', { alarm: 'alert', retryInterval: undefined, hasInvalid: false }],
  ['-r 5', { alarm: null, retryInterval: 5000 as never, hasInvalid: false }],
  ['-r 0', { alarm: null, retryInterval: null, hasInvalid: false }],
  ['-a -r 60', { alarm: 'alert', retryInterval: 60_000 as never, hasInvalid: false }],
  ['-r abc', { alarm: null, retryInterval: undefined, hasInvalid: true }],
  ['-r -1', { alarm: null, retryInterval: undefined, hasInvalid: true }],
  ['-r 1.5', { alarm: null, retryInterval: undefined, hasInvalid: true }],
  ['-r 99999999', { alarm: null, retryInterval: undefined, hasInvalid: true }],
  ['-r abc -a', { alarm: 'alert', retryInterval: undefined, hasInvalid: true }],
  ['-a -r', { alarm: 'alert', retryInterval: undefined, hasInvalid: true }],
  ['-x -a', { alarm: 'alert', retryInterval: undefined, hasInvalid: true }],
  ['--nonsense -r 7', { alarm: null, retryInterval: 7000 as never, hasInvalid: true }],
  ['word', { alarm: null, retryInterval: undefined, hasInvalid: true }],
];

for (const [line, expected] of rows) {
  test(`options "${line}"`, () => {
    assert.deepEqual(readOptions(line === '' ? [] : line.split(' '), '0'), expected);
  });
}
