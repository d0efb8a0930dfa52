/** Codes of problems are stable, so each one is in a manual page, and none is there in vain. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROBLEM_CODES } from '../../../src/core/problem-codes.js';
import { Page, pageNames, readText, root } from './page.js';

function codesInSource(): ReadonlySet<string> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const texts = files.filter((name) => name.endsWith('.ts')).map((name) => readText(`src/${name}`));
  const codes = texts.flatMap((text) => [...text.matchAll(/'(ESM_[A-Z_]+)'/g)]);
  return new Set([...codes.map(([, code = '']) => code), ...Object.keys(PROBLEM_CODES)]);
}

const explained = (name: string): readonly string[] =>
  [...new Page(name).source.matchAll(/^\.It Er (ESM_[A-Z_]+)$/gm)].map(([, code = '']) => code);

test('every code of configuration and state file is in esmd.toml(5) or esm.state(5)', () => {
  const codes = [...explained('esmd.toml.5'), ...explained('esm.state.5')];
  assert.deepEqual(
    Object.keys(PROBLEM_CODES).filter((code) => !codes.includes(code)),
    [],
  );
});

test('every code is in a manual page', () => {
  const codes = new Set(pageNames.flatMap(explained));
  assert.deepEqual(
    [...codesInSource()].filter((code) => !codes.has(code)),
    [],
  );
});

test('no manual page has a code that does not exist', () => {
  const codes = codesInSource();
  assert.deepEqual(
    pageNames.flatMap(explained).filter((code) => !codes.has(code)),
    [],
  );
});

test('no manual page explains a code twice', () => {
  for (const name of pageNames) assert.deepEqual(explained(name), [...new Set(explained(name))]);
});
