import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pad, padStart, safe, safeLines, truncate, width } from '../../../src/cli/render/text.js';

test('safe: what acts on a terminal is shown instead', () => {
  const rows: readonly [string, string][] = [
    ['plain, größer, 日本語, 🙂', 'plain, größer, 日本語, 🙂'],
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['\x1b[2J', '\\x1b[2J'],
    ['a\r\nb\tc', 'a\\x0d\\x0ab\\x09c'],
    ['\x9b31m', '\\x9b31m'],
    ['\x7f\0', '\\x7f\\x00'],
    ['evil\u202egnp', 'evil\\u202egnp'],
    ['\u2028\u2066\u200f\ufeff', '\\u2028\\u2066\\u200f\\ufeff'],
    ['\ud800', '\\ud800'],
    ['', ''],
  ];
  for (const [text, shown] of rows) assert.equal(safe(text), shown);
});

test('safeLines: lines and tabs stay', () => {
  assert.equal(safeLines('a\tb\n\x1b[0mc\r\n'), 'a\tb\n\\x1b[0mc\\x0d\n');
});

test('width: columns, not characters', () => {
  const rows: readonly [string, number][] = [
    ['', 0],
    ['rsyslogd', 8],
    ['größer', 6],
    ['e\u0301', 1],
    ['\u0301', 0],
    ['日本', 4],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['🙂', 2],
    ['👩‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['\u{20000}', 2],
  ];
  for (const [text, columns] of rows) assert.equal(width(text), columns, JSON.stringify(text));
});

test('truncate: never wider than asked, and whole characters', () => {
  const rows: readonly [string, number, string][] = [
    ['rsyslogd', 8, 'rsyslogd'],
    ['rsyslogd', 7, 'rsyslo…'],
    ['rsyslogd', 1, '…'],
    ['rsyslogd', 0, ''],
    ['rsyslogd', -3, ''],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧x', 2, '…'],
    ['x', Infinity, 'x'],
  ];
  for (const [text, columns, cut] of rows) {
    assert.equal(truncate(text, columns), cut, `${text} ${columns}`);
    assert.ok(width(truncate(text, columns)) <= Math.max(0, columns));
  }
});

test('pad: by columns, and never cuts', () => {
  assert.equal(pad('日', 4), '日  ');
  assert.equal(padStart('日', 4), '  日');
  assert.equal(pad('long', 2), 'long');
});
