import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_SETTINGS } from '../../../src/config/defaults.js';
import { formatDuration, parseDuration, parseSize } from '../../../src/config/duration.js';
import { decodeSettings } from '../../../src/config/settings.js';
import { describeProblem } from '../../../src/core/result.js';
import { millis } from '../../../src/core/units.js';

test('decodeSettings: an empty file says what no file says', () => {
  assert.deepEqual(decodeSettings('e', ''), { settings: DEFAULT_SETTINGS, problems: [] });
});

test('decodeSettings: every key', () => {
  const { settings } = decodeSettings('e', 'priority = "alert"\nretry_interval = "2m"');
  assert.deepEqual(settings, { priority: 'alert', retryInterval: 120_000 });
  assert.equal(decodeSettings('e', 'retry_interval = "0s"').settings?.retryInterval, null);
});

test('decodeSettings: every problem at once', () => {
  const { settings, problems } = decodeSettings('e', 'priority = 1\nretryinterval = "1s"\n[log]');
  assert.equal(settings, null);
  assert.deepEqual(problems.map(describeProblem), [
    'e:1: priority: Cannot use the value: is the integer 1, has to be "emergency" or "alert"',
    'e:2: retryinterval: Cannot use the key: "retryinterval" is not known (did you mean "retry_interval")',
    'e:3: log: Cannot use the key: "log" is not known (known are priority, retry_interval)',
  ]);
});

/** Any UTF-16 unit, halves of pairs included: what a decoder of bytes could hand over, and more. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

test('decodeSettings: answers whatever it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const { settings, problems } = decodeSettings('e', text);
      assert.equal(settings === null, problems.length > 0);
    }),
  );
});

test('parseDuration: a whole number and a unit, and nothing else', () => {
  assert.equal(parseDuration('250ms'), 250);
  assert.equal(parseDuration('2h'), 7_200_000);
  for (const text of ['', '1', 's', '1 s', '-1s', '1.5s', '1d', '1sec', '١s', '1e3s', '0x1s']) {
    assert.equal(parseDuration(text), null, text);
  }
});

test('parseSize: by powers of 1024', () => {
  assert.equal(parseSize('64K'), 65_536);
  assert.equal(parseSize('1T'), 2 ** 40);
  for (const text of ['', '1', '1k', '1MB', '1MiB', '1B', '-1M']) {
    assert.equal(parseSize(text), null, text);
  }
});

test('formatDuration: is read back as the same', () => {
  assert.deepEqual(
    [0, 1, 1500, 60_000, 90_000, 7_200_000].map((ms) => formatDuration(millis(ms))),
    ['0s', '1ms', '1500ms', '1m', '90s', '2h'],
  );
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      assert.equal(parseDuration(formatDuration(millis(ms))), ms);
    }),
  );
});
