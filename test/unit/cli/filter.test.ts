import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFilter } from '../../../src/cli/filter.js';
import { FakeDaemon } from '../../helpers/fake-daemon.js';

const daemon = new FakeDaemon();
const stopped = daemon.publish('rsyslogd', { type: 'service.stopped' });
const failed = {
  ...daemon.publish('cron@1', { type: 'service.differs' }),
  severity: 'error' as const,
};
const mode = daemon.publish(null, { type: 'monitor.mode', mode: 'run' });

/** Which of the three events get through. */
function through(expression: string): readonly boolean[] | null {
  const filter = parseFilter(expression);
  return filter.ok ? [stopped, failed, mode].map(filter.value) : null;
}

test('filters: types, names, severities, all of them together', () => {
  const rows: readonly [string, readonly boolean[]][] = [
    ['', [true, true, true]],
    ['service.*', [true, true, false]],
    ['service.stopped', [true, false, false]],
    ['sys.unix.esm.service.stopped', [true, false, false]],
    ['type=*.mode', [false, false, true]],
    ['*', [true, true, true]],
    ['service', [false, false, false]],
    ['name=rsyslogd', [true, false, false]],
    ['name=*', [true, true, false]],
    ['name=cron@?', [false, true, false]],
    ['name=c*n*1', [false, true, false]],
    ['severity=warning', [false, true, false]],
    ['severity=info', [true, true, true]],
    ['severity=emergency', [false, false, false]],
    ['service.* name=rsyslogd', [true, false, false]],
    [' service.*,severity=error ', [false, true, false]],
  ];
  for (const [expression, expected] of rows) {
    assert.deepEqual(through(expression), expected, expression);
  }
});

test('filters: what is none is refused', () => {
  for (const expression of ['severity=loud', 'pid=7', 'name=', '=x', 'severity=']) {
    const filter = parseFilter(expression);
    assert.ok(!filter.ok, expression);
    assert.match(filter.problem.message, /^Cannot understand the filter "/);
  }
});

test('filters: any text is a filter or refused, and quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      through(text);
    }),
  );
  const began = performance.now();
  const hard = parseFilter(`name=${'*a'.repeat(500)}b`);
  assert.ok(hard.ok);
  assert.equal(hard.value({ ...stopped, service: 'a'.repeat(1000) }), false);
  assert.ok(performance.now() - began < 1000);
});

test('filters: a glob matches as the regular expression it stands for', () => {
  const letter = fc.constantFrom('a', 'b', '.', '*', '?');
  const word = fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(word, word, (pattern, text) => {
      const filter = parseFilter(`name=${pattern}`);
      assert.ok(filter.ok);
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(
        filter.value({ ...stopped, service: text }),
        new RegExp(`^${source}$`).test(text),
      );
    }),
  );
});
