import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table } from '../../../src/cli/render/table.js';
import { width } from '../../../src/cli/render/text.js';
import type { View } from '../../../src/cli/render/view.js';

const plain: View = { columns: null, colour: false, now: 0 };
const columns = [{ title: 'NAME' }, { title: 'N', align: 'right' as const }, { title: 'WHY' }];
const cells = (...texts: string[]) => texts.map((text) => ({ text }));

test('table: aligned, no blanks at the ends, nothing cut without a terminal', () => {
  const text = table(columns, [cells('日本', '7', 'x'.repeat(300)), cells('a', '1234', '')], plain);
  assert.equal(
    text,
    ['NAME     N  WHY', `日本     7  ${'x'.repeat(300)}`, 'a     1234', ''].join('\n'),
  );
});

test('table: only titles if there are no rows', () => {
  assert.equal(table(columns, [], plain), 'NAME  N  WHY\n');
});

test('table: no line is wider than the terminal, whatever is in it', () => {
  const rows = [cells('n'.repeat(50), '123456789', '理由'.repeat(30)), cells('a', 'b', 'c')];
  for (const size of [1, 5, 20, 40, 59, 60, 61, 80, 500]) {
    const text = table(columns, rows, { columns: size, colour: false, now: 0 });
    for (const line of text.split('\n')) assert.ok(width(line) <= size, `${size}: ${line}`);
  }
});

test('table: a row stays a row', () => {
  const text = table(columns, [cells('a\nb', '\x1b[31m', 'c\td')], plain);
  assert.equal(text.split('\n').length, 3);
  assert.match(text, /a\\x0ab/);
  assert.ok(!text.includes('\x1b'));
});

test('table: colour does not shift what follows it', () => {
  const view: View = { columns: 80, colour: true, now: 0 };
  const text = table(columns, [[{ text: 'a', style: 'good' }, { text: '1' }, { text: 'w' }]], view);
  const [, row = ''] = text.split('\n');
  assert.equal(row, '\x1b[32ma   \x1b[0m  1  w');
});
