import assert from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../../../src/core/service/step.js';
import type { Service } from '../../../../src/core/service/record.js';
import { maySucceed } from '../../../../src/core/service/succession.js';
import { pid } from '../../../../src/core/units.js';
import {
  actuals,
  backgroundSpec,
  code,
  context,
  down,
  exited,
  main,
  seenAt,
  service,
  spec,
  unmonitored,
} from '../../../helpers/services.js';

const { probation, running, signalling } = actuals;
const cron = backgroundSpec({ kill: 'process' });
const process = main;

const after = (given: Service, late = false): Service['predecessor'] =>
  step(given, exited(main, code(0), late), context())[0].predecessor;

const table: readonly (readonly [string, Service, boolean, Service['predecessor']])[] = [
  [
    'an end that was seen: who started before that is no successor',
    service(running, { spec: cron }),
    false,
    { process, from: seenAt, fromWhileNamed: seenAt },
  ],
  [
    'a stop: the same',
    service(signalling, { spec: cron, ...down }),
    false,
    { process, from: seenAt, fromWhileNamed: seenAt },
  ],
  [
    'unmonitored: the same',
    service(running, { spec: cron, ...unmonitored }),
    false,
    { process, from: seenAt, fromWhileNamed: seenAt },
  ],
  [
    'an end that nobody saw: who started in its life is none while the pid file names it',
    service(running, { spec: cron }),
    true,
    { process, from: main.startTime, fromWhileNamed: seenAt },
  ],
  [
    'an end on probation: it may have forked once more',
    service(probation, { spec: backgroundSpec() }),
    false,
    { process, from: main.startTime, fromWhileNamed: main.startTime },
  ],
  [
    'an end on probation, kill = "process": that was a child',
    service(probation, { spec: cron }),
    false,
    { process, from: seenAt, fromWhileNamed: seenAt },
  ],
  [
    'an end on probation, own child: it does not fork once more',
    service(probation, { spec: spec({ pidfile: '/run/web.pid' }) }),
    false,
    { process, from: seenAt, fromWhileNamed: seenAt },
  ],
];

for (const [name, given, late, expected] of table) {
  test(`predecessor: ${name}`, () => {
    assert.deepEqual(after(given, late), expected);
  });
}

const last = { process, from: 1000, fromWhileNamed: 2000 };

test('maySucceed: whoever, where nothing is known of a predecessor', () => {
  assert.ok(maySucceed(0, null, main.pid));
});

test('maySucceed: who started since; later, while the pid file names the predecessor', () => {
  for (const [startTime, named, may] of [
    [999, null, false],
    [1000, null, true],
    [1000, pid(main.pid + 1), true],
    [1000, main.pid, false],
    [1999, main.pid, false],
    [2000, main.pid, true],
  ] as const) {
    assert.equal(maySucceed(startTime, last, named), may, `${startTime} ${named}`);
  }
});

test('configured: a predecessor is forgotten where another process is looked for', () => {
  const known = service(actuals.stopped, { spec: cron, predecessor: last });
  const configured = (changes: Partial<Service['spec']>): Service['predecessor'] =>
    step(known, { type: 'configured', spec: { ...cron, ...changes } }, context())[0].predecessor;
  assert.equal(configured({}), last);
  assert.equal(configured({ description: 'other', stop: ['/bin/stop'] }), last);
  assert.equal(configured({ match: { exe: '/usr/sbin/web', args: null, user: null } }), last);
  assert.equal(configured({ match: { exe: '/usr/sbin/other', args: null, user: null } }), null);
  assert.equal(configured({ pidfile: '/run/other.pid' }), null);
});
