import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance, nearest } from '../../src/core/nearest.js';

const KEYS = ['command', 'start', 'start_timeout', 'stop_timeout', 'stop', 'user', 'description'];

const rows: readonly (readonly [string, string | null])[] = [
  ['comand', 'command'],
  ['comamnd', 'command'],
  ['Command', 'command'],
  ['start-timeout', 'start_timeout'],
  ['strat', 'start'],
  ['stopt', 'stop'],
  ['desc', 'description'],
  ['xuser', 'user'],
  ['k', null],
  ['', null],
  ['st', null],
  ['entirely', null],
];

for (const [word, meant] of rows) {
  test(`nearest: "${word}" → ${meant === null ? 'nothing' : `"${meant}"`}`, () => {
    assert.equal(nearest(word, KEYS), meant);
  });
}

test('nearest: a word that shares no letter is not meant', () => {
  assert.equal(nearest('x', ['y']), null);
});

test('nearest: the first among equals', () => {
  assert.equal(nearest('cat', ['car', 'can']), 'car');
});

test('nearest: a word of a megabyte takes no time and is near to nothing', () => {
  assert.equal(nearest('x'.repeat(1_000_000), KEYS), null);
});

test('distance: a swap of neighbours is one slip', () => {
  assert.equal(distance('ab', 'ba'), 1);
  assert.equal(distance('kitten', 'sitting'), 3);
  assert.equal(distance('', 'abc'), 3);
});

test('distance: zero for equals alone, symmetric, never more than the longer word', () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const found = distance(a, b);
      assert.equal(found, distance(b, a));
      assert.equal(found === 0, a === b);
      assert.ok(found <= Math.max(a.length, b.length));
      assert.ok(found >= Math.abs(a.length - b.length));
    }),
  );
});
