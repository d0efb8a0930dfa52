/** esm-events(7) names every event with its data, every metric, and nothing else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMonitor } from '../../../src/core/monitor/monitor.js';
import { instant, wallClock } from '../../../src/core/units.js';
import { metricsOf } from '../../../src/daemon/metrics.js';
import { Page, readText } from './page.js';

const page = new Page('esm-events.7');
const prefix = 'sys.unix.esm.';

/** From the source: types do not exist at run time. */
function catalogue(): ReadonlyMap<string, readonly string[]> {
  const source = readText('src/core/event/event.ts').replace(/\/\*\*[^]*?\*\//g, '');
  const variants = source.matchAll(/Readonly<\{\s*type: '([^']+)';?([^}]*)\}>/g);
  return new Map(
    [...variants].map(([, type = '', rest = '']) => [
      type,
      [...rest.matchAll(/(\w+):/g)].map(([, field = '']) => field),
    ]),
  );
}

const documented = [...page.items('EVENTS OF A SERVICE'), ...page.items('EVENTS OF ESMD')];

test('the catalogue of events can be read', () => {
  assert.ok(catalogue().size >= 24);
  assert.deepEqual(catalogue().get('service.backoff'), ['failures', 'retryInMs']);
});

test('esm-events(7): every event, and no other', () => {
  const names = [...catalogue().keys()].map((type) => `${prefix}${type}`);
  assert.deepEqual(documented.map(({ term }) => term).sort(), names.sort());
});

for (const [type, fields] of catalogue()) {
  test(`esm-events(7): the data of ${type}`, () => {
    const text = documented.find(({ term }) => term === `${prefix}${type}`)?.text ?? '';
    const told = [...text.matchAll(/(?:^|\. )(\w+):/g)].map(([, field = '']) => field);
    assert.deepEqual(told.sort(), [...fields].sort());
  });
}

test('esm-events(7): the fields of an event', () => {
  const source = readText('src/core/event/event.ts');
  const type = /export type Event = Readonly<\{([^]*?)\}>;/.exec(source)?.[1] ?? '';
  const fields = [...type.matchAll(/^ {2}(\w+):/gm)].map(([, field]) => field);
  const told = page.items('DESCRIPTION').map(({ term }) => term);
  assert.deepEqual(told.slice(0, fields.length), fields);
});

test('esm-events(7): every metric, and no other', () => {
  const self = {
    pid: 1,
    since: wallClock(0),
    configDiffers: false,
    now: instant(0),
    wall: wallClock(0),
  };
  const types = metricsOf(emptyMonitor, self).matchAll(/^# TYPE (\w+) (\w+)$/gm);
  const metrics = [...types].map(([, name = '', type = '']) => [name, type]);
  const told = page.items('METRICS').map(({ term, text }) => {
    const [type = ''] = text.split('.');
    return [term, type.split(',')[0]?.toLowerCase().replace(' ', '')];
  });
  assert.deepEqual(told.sort(), metrics.sort());
});
