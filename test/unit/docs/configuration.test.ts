/** esmd.toml(5) has every key with its default and range, and its examples are files that load. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS, DEFAULTS } from '../../../src/config/defaults.js';
import { decodeService } from '../../../src/config/service.js';
import { decodeSettings } from '../../../src/config/settings.js';
import { formatDuration } from '../../../src/config/duration.js';
import { serviceKeys, settingsKeys, type KnownKeys } from '../../../src/config/schema.js';
import type { Problem } from '../../../src/core/result.js';
import { Page, readText, type Item } from './page.js';

const page = new Page('esmd.toml.5');
const settings = page.items('GLOBAL SETTINGS');
const services = page.items('SERVICES');

/** Dotted names; a table is what its keys are, and has no value of its own. */
const dotted = (keys: KnownKeys): readonly string[] =>
  [...keys]
    .flatMap(([table, names]) => names.map((name) => (table === '' ? name : `${table}.${name}`)))
    .filter((name) => name === 'match' || !keys.has(name));

const terms = (items: readonly Item[]): readonly string[] => items.map(({ term }) => term).sort();

test('esmd.toml(5): every key, and no other', () => {
  assert.deepEqual(terms(settings), [...dotted(settingsKeys)].sort());
  assert.deepEqual(terms(services), [...dotted(serviceKeys)].sort());
});

/** What a value that fits nowhere is answered: the ranges in it are those of the schema. */
function allowed(problems: readonly Problem[], key: string): string {
  const problem = problems.find((one) => one.key === key && one.code === 'ESM_CONFIG_VALUE');
  return (problem?.message ?? '').replace(/"/g, '');
}

const range = /from (\w+) to (\w+)/;

test('the ranges can be read', () => {
  const { problems } = decodeService('x.toml', 'x', 'start_timeout = false');
  assert.match(allowed(problems, 'start_timeout'), /from 10ms to 24h/);
});

for (const { term, text } of services) {
  test(`esmd.toml(5): the range of ${term}`, () => {
    const { problems } = decodeService('x.toml', 'x', `${term} = false`);
    const [is] = range.exec(allowed(problems, term)) ?? [];
    assert.equal(range.exec(text)?.[0], is);
  });
}

test('esmd.toml(5): the range of a global setting', () => {
  const { problems } = decodeSettings('esmd.toml', 'retry_interval = false');
  const text = settings.find(({ term }) => term === 'retry_interval')?.text ?? '';
  assert.equal(range.exec(text)?.[0], range.exec(allowed(problems, 'retry_interval'))?.[0]);
});

function defaultOf(items: readonly Item[], key: string): string | undefined {
  const text = items.find(({ term }) => term === key)?.text ?? '';
  return /Default: (\S+?)[.,]?(?: |$)/.exec(text)?.[1];
}

test('esmd.toml(5): the defaults', () => {
  const { restart, description, ...top } = DEFAULTS;
  assert.equal(description, '');
  assert.equal(defaultOf(services, 'description'), 'empty');
  for (const [key, value] of Object.entries(top))
    assert.equal(defaultOf(services, key), value, key);
  for (const [key, value] of Object.entries(restart)) {
    assert.equal(defaultOf(services, `restart.${key}`), String(value), key);
  }
  const { priority, retryInterval } = DEFAULT_SETTINGS;
  assert.equal(defaultOf(settings, 'priority'), priority);
  assert.ok(retryInterval !== null);
  assert.equal(defaultOf(settings, 'retry_interval'), formatDuration(retryInterval));
});

test('esmd.toml(5): the examples are files of the tree', () => {
  const examples = page.examples();
  assert.ok(examples.length >= 4);
  for (const { path, content } of examples) {
    assert.match(path, /^test\/fixtures\/conf\/good\//, 'a test loads all of these');
    assert.equal(content, readText(path), path);
  }
});
